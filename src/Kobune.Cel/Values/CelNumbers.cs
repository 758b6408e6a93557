namespace Kobune.Cel.Values;

/// <summary>Numbers of all three types on one line.</summary>
internal static class CelNumbers
{
    /// <summary>The order of two numbers; null when one is no number, or is not a number in the sense of IEEE 754.</summary>
    public static int? Compare(CelValue a, CelValue b) => (a, b) switch
    {
        (CelInt x, CelInt y) => x.Value.CompareTo(y.Value),
        (CelUint x, CelUint y) => x.Value.CompareTo(y.Value),
        (CelDouble x, CelDouble y) => Order(x.Value, y.Value),
        (CelInt x, CelUint y) => x.Value < 0 ? -1 : ((ulong)x.Value).CompareTo(y.Value),
        (CelUint x, CelInt y) => y.Value < 0 ? 1 : x.Value.CompareTo((ulong)y.Value),
        (CelInt x, CelDouble y) => -Against(y.Value, x.Value),
        (CelDouble x, CelInt y) => Against(x.Value, y.Value),
        (CelUint x, CelDouble y) => -Against(y.Value, x.Value),
        (CelDouble x, CelUint y) => Against(x.Value, y.Value),
        _ => null,
    };

    private static int? Order(double x, double y) => double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);

    private static int? Against(double x, long y) => x switch
    {
        double.NaN => null,
        < -9223372036854775808.0 => -1,
        >= 9223372036854775808.0 => 1,
        _ => x.CompareTo((double)y),
    };

    private static int? Against(double x, ulong y) => x switch
    {
        double.NaN => null,
        < 0 => -1,
        >= 18446744073709551616.0 => 1,
        _ => x.CompareTo((double)y),
    };
}
