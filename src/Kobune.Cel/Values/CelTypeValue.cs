using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A type as a value.</summary>
public sealed class CelTypeValue(CelType type) : CelValue
{
    /// <summary>The type.</summary>
    public CelType Value { get; } = type;

    public override CelType Type => CelType.Type;

    public override bool EqualTo(CelValue other) => other is CelTypeValue t && t.Value.Name == Value.Name;

    public override string ToString() => Value.Name;

    internal override int Hash() => Value.Name.GetHashCode(StringComparison.Ordinal);
}
