namespace Kobune.Cel.Costs;

/// <summary>A cost or a size, from the least to the most; what does not fit is the greatest number.</summary>
/// <param name="Min">The least.</param>
/// <param name="Max">The most.</param>
public readonly record struct CelRange(ulong Min, ulong Max)
{
    internal static readonly CelRange Unknown = new(0, ulong.MaxValue);

    internal static CelRange Of(ulong value) => new(value, value);

    internal CelRange Add(CelRange other) => new(Add(Min, other.Min), Add(Max, other.Max));

    internal CelRange Multiply(CelRange other) => new(Multiply(Min, other.Min), Multiply(Max, other.Max));

    internal CelRange Scale(double factor) => new(Scale(Min, factor), Scale(Max, factor));

    internal CelRange Union(CelRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

    private static ulong Add(ulong x, ulong y) => x > ulong.MaxValue - y ? ulong.MaxValue : x + y;

    private static ulong Multiply(ulong x, ulong y) => y != 0 && x > ulong.MaxValue / y ? ulong.MaxValue : x * y;

    private static ulong Scale(ulong x, double factor)
    {
        var product = Math.Ceiling(x * factor);
        return product >= 18446744073709551616.0 ? ulong.MaxValue : (ulong)product;
    }
}
