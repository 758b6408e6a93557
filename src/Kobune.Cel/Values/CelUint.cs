using System.Globalization;
using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>An unsigned integer of 64 bits.</summary>
public sealed class CelUint(ulong value) : CelValue
{
    /// <summary>The value.</summary>
    public ulong Value { get; } = value;

    public override CelType Type => CelType.Uint;

    public override bool EqualTo(CelValue other) => CelNumbers.Compare(this, other) == 0;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    internal override int? CompareWith(CelValue other) => CelNumbers.Compare(this, other);

    internal override int Hash() => ((double)Value).GetHashCode();
}
