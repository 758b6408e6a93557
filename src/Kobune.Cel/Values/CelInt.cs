using System.Globalization;
using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A signed integer of 64 bits.</summary>
public sealed class CelInt : CelValue
{
    private static readonly CelInt[] Small = [.. Enumerable.Range(-1, 258).Select(i => new CelInt(i))];

    private CelInt(long value) => Value = value;

    /// <summary>The value.</summary>
    public long Value { get; }

    public override CelType Type => CelType.Int;

    /// <summary>The value of a number.</summary>
    public static CelInt Of(long value) => value is >= -1 and <= 256 ? Small[value + 1] : new(value);

    public override bool EqualTo(CelValue other) => CelNumbers.Compare(this, other) == 0;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    internal override int? CompareWith(CelValue other) => CelNumbers.Compare(this, other);

    internal override int Hash() => ((double)Value).GetHashCode();
}
