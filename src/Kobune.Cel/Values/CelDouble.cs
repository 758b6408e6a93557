using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>An IEEE 754 number of 64 bits.</summary>
public sealed class CelDouble(double value) : CelValue
{
    /// <summary>The value.</summary>
    public double Value { get; } = value;

    public override CelType Type => CelType.Double;

    public override bool EqualTo(CelValue other) => CelNumbers.Compare(this, other) == 0;

    public override string ToString() => GoText.Double(Value);

    internal override int? CompareWith(CelValue other) => CelNumbers.Compare(this, other);

    internal override int Hash() => Value.GetHashCode();
}
