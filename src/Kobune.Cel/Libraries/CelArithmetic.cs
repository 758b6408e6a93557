using Kobune.Cel.Syntax;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>What operators do to values, whatever was known of their types (cel-go's common/types).</summary>
internal static class CelArithmetic
{
    private const long Second = 1_000_000_000;
    private static readonly CelError NotOrdered = new("NaN values cannot be ordered");

    /// <summary>Bodies by the operator's name; one operand is given twice.</summary>
    public static readonly IReadOnlyDictionary<string, Func<CelValue, CelValue, CelValue>> Operators = new Dictionary<string, Func<CelValue, CelValue, CelValue>>
    {
        [CelOperators.Equal] = (a, b) => CelBool.Of(a.EqualTo(b)),
        [CelOperators.NotEqual] = (a, b) => CelBool.Of(!a.EqualTo(b)),
        [CelOperators.Less] = (a, b) => Order(a, b, c => c < 0),
        [CelOperators.LessOrEqual] = (a, b) => Order(a, b, c => c <= 0),
        [CelOperators.Greater] = (a, b) => Order(a, b, c => c > 0),
        [CelOperators.GreaterOrEqual] = (a, b) => Order(a, b, c => c >= 0),
        [CelOperators.Add] = Add,
        [CelOperators.Subtract] = Subtract,
        [CelOperators.Multiply] = Multiply,
        [CelOperators.Divide] = Divide,
        [CelOperators.Modulo] = Modulo,
        [CelOperators.Not] = (a, _) => a is CelBool b ? CelBool.Of(!b.Value) : CelError.NoSuchOverload,
        [CelOperators.Negate] = (a, _) => Negate(a),
        [CelOperators.In] = In,
    };

    public static CelValue Add(CelValue a, CelValue b) => (a, b) switch
    {
        (CelInt x, CelInt y) => Int((Int128)x.Value + y.Value),
        (CelString x, CelString y) => new CelString(x.Value + y.Value),
        (CelList x, CelList y) => x.Concat(y),
        (CelDouble x, CelDouble y) => new CelDouble(x.Value + y.Value),
        (CelUint x, CelUint y) => Uint((Int128)x.Value + y.Value),
        (CelBytes x, CelBytes y) => new CelBytes((byte[])[.. x.Value.Span, .. y.Value.Span]),
        (CelDuration x, CelDuration y) => Duration((Int128)x.Nanoseconds + y.Nanoseconds),
        (CelTimestamp x, CelDuration y) => Timestamp(x, x.Total + y.Nanoseconds),
        (CelDuration x, CelTimestamp y) => Timestamp(y, y.Total + x.Nanoseconds),
        _ => CelError.NoSuchOverload,
    };

    private static CelValue Order(CelValue a, CelValue b, Func<int, bool> decide)
    {
        if (a.CompareWith(b) is { } order)
        {
            return CelBool.Of(decide(order));
        }

        return a is CelDouble { Value: double.NaN } || b is CelDouble { Value: double.NaN } ? NotOrdered : CelError.NoSuchOverload;
    }

    private static CelValue Subtract(CelValue a, CelValue b) => (a, b) switch
    {
        (CelInt x, CelInt y) => Int((Int128)x.Value - y.Value),
        (CelDouble x, CelDouble y) => new CelDouble(x.Value - y.Value),
        (CelUint x, CelUint y) => Uint((Int128)x.Value - y.Value),
        (CelDuration x, CelDuration y) => Duration((Int128)x.Nanoseconds - y.Nanoseconds),
        (CelTimestamp x, CelDuration y) => Timestamp(x, x.Total - y.Nanoseconds),
        (CelTimestamp x, CelTimestamp y) => Duration(x.Total - y.Total) is CelDuration difference ? difference : CelError.IntegerOverflow,
        _ => CelError.NoSuchOverload,
    };

    private static CelValue Multiply(CelValue a, CelValue b) => (a, b) switch
    {
        (CelInt x, CelInt y) => Int((Int128)x.Value * y.Value),
        (CelDouble x, CelDouble y) => new CelDouble(x.Value * y.Value),
        (CelUint x, CelUint y) => (UInt128)x.Value * y.Value <= ulong.MaxValue ? new CelUint(x.Value * y.Value) : CelError.UnsignedOverflow,
        _ => CelError.NoSuchOverload,
    };

    private static CelValue Divide(CelValue a, CelValue b) => (a, b) switch
    {
        (CelInt, CelInt { Value: 0 }) or (CelUint, CelUint { Value: 0 }) => CelError.DivisionByZero,
        (CelInt x, CelInt y) => Int((Int128)x.Value / y.Value),
        (CelDouble x, CelDouble y) => new CelDouble(x.Value / y.Value),
        (CelUint x, CelUint y) => new CelUint(x.Value / y.Value),
        _ => CelError.NoSuchOverload,
    };

    private static CelValue Modulo(CelValue a, CelValue b) => (a, b) switch
    {
        (CelInt, CelInt { Value: 0 }) or (CelUint, CelUint { Value: 0 }) => CelError.ModulusByZero,
        (CelInt { Value: long.MinValue }, CelInt { Value: -1 }) => CelError.IntegerOverflow,
        (CelInt x, CelInt y) => CelInt.Of(x.Value % y.Value),
        (CelUint x, CelUint y) => new CelUint(x.Value % y.Value),
        _ => CelError.NoSuchOverload,
    };

    private static CelValue Negate(CelValue a) => a switch
    {
        CelInt x => Int(-(Int128)x.Value),
        CelDouble x => new CelDouble(-x.Value),
        CelDuration x => Duration(-(Int128)x.Nanoseconds),
        _ => CelError.NoSuchOverload,
    };

    private static CelValue In(CelValue value, CelValue collection) => collection switch
    {
        CelList list => CelBool.Of(list.Contains(value)),
        CelMap map => CelBool.Of(map.Contains(value)),
        _ => CelError.NoSuchOverload,
    };

    private static CelValue Int(Int128 value) => value >= long.MinValue && value <= long.MaxValue ? CelInt.Of((long)value) : CelError.IntegerOverflow;

    private static CelValue Uint(Int128 value) => value >= 0 && value <= ulong.MaxValue ? new CelUint((ulong)value) : CelError.UnsignedOverflow;

    private static CelValue Duration(Int128 value) => value >= long.MinValue && value <= long.MaxValue ? new CelDuration((long)value) : CelError.DurationOverflow;

    private static CelValue Timestamp(CelTimestamp from, Int128 total)
    {
        var nanoseconds = total % Second;
        nanoseconds = nanoseconds < 0 ? nanoseconds + Second : nanoseconds;
        var seconds = (total - nanoseconds) / Second;
        return seconds >= CelTimestamp.MinSeconds && seconds <= CelTimestamp.MaxSeconds ? from.With((long)seconds, (int)nanoseconds)! : CelError.TimestampOverflow;
    }
}
