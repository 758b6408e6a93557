using System.Text;
using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>Octets.</summary>
public sealed class CelBytes(ReadOnlyMemory<byte> value) : CelValue
{
    /// <summary>The octets.</summary>
    public ReadOnlyMemory<byte> Value { get; } = value;

    public override CelType Type => CelType.Bytes;

    internal override long? Size => Value.Length;

    public override bool EqualTo(CelValue other) => other is CelBytes b && b.Value.Span.SequenceEqual(Value.Span);

    public override string ToString() => Encoding.UTF8.GetString(Value.Span);

    internal override int? CompareWith(CelValue other) => other is CelBytes b ? Value.Span.SequenceCompareTo(b.Value.Span) : null;

    internal override int Hash() => Value.Length;
}
