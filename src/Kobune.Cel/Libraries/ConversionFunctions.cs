using System.Globalization;
using System.Text;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>int(), uint(), double(), string(), bytes(), bool(), duration(), timestamp(), type() and dyn().</summary>
internal static class ConversionFunctions
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static void AddTo(LibraryBuilder library)
    {
        var a = CelType.Parameter("A");
        Convert(library, "bool", "bool", CelType.Bool, ("bool", CelType.Bool), ("string", CelType.String));
        Convert(library, "bytes", "bytes", CelType.Bytes, ("bytes", CelType.Bytes), ("string", CelType.String));
        Convert(library, "double", "double", CelType.Double, ("double", CelType.Double), ("int64", CelType.Int), ("string", CelType.String), ("uint64", CelType.Uint));
        Convert(library, "duration", "duration", CelType.Duration, ("duration", CelType.Duration), ("int64", CelType.Int), ("string", CelType.String));
        Convert(library, "int", "int64", CelType.Int, ("int64", CelType.Int), ("double", CelType.Double), ("duration", CelType.Duration), ("string", CelType.String), ("timestamp", CelType.Timestamp), ("uint64", CelType.Uint));
        Convert(library, "string", "string", CelType.String, ("string", CelType.String), ("bool", CelType.Bool), ("bytes", CelType.Bytes), ("double", CelType.Double), ("duration", CelType.Duration), ("int64", CelType.Int), ("timestamp", CelType.Timestamp), ("uint64", CelType.Uint));
        Convert(library, "timestamp", "timestamp", CelType.Timestamp, ("timestamp", CelType.Timestamp), ("int64", CelType.Int), ("string", CelType.String));
        Convert(library, "uint", "uint64", CelType.Uint, ("uint64", CelType.Uint), ("double", CelType.Double), ("int64", CelType.Int), ("string", CelType.String));
        library
            .Global("dyn", "to_dyn", [a], CelType.Dyn, x => x[0])
            .Global("type", "type", [a], CelType.TypeOf(a), x => new CelTypeValue(x[0].Type));
    }

    private static void Convert(LibraryBuilder library, string function, string name, CelType to, params (string Name, CelType Type)[] from)
    {
        foreach (var (source, type) in from)
        {
            library.Global(function, $"{source}_to_{name}", [type], to, x => To(x[0], to) ?? Error($"type conversion error from '{x[0].TypeName}' to '{to.Name}'"));
        }
    }

    private static CelValue? To(CelValue value, CelType to)
    {
        if (value.Type.Kind == to.Kind)
        {
            return value;
        }

        return to.Kind switch
        {
            CelKind.Bool => ToBool(value.Text()),
            CelKind.Bytes => new CelBytes(Encoding.UTF8.GetBytes(value.Text())),
            CelKind.Double => ToDouble(value),
            CelKind.Duration => value is CelInt nanoseconds ? new CelDuration(nanoseconds.Value) : CelDuration.Parse(value.Text()),
            CelKind.Int => ToInt(value),
            CelKind.Timestamp => value is CelInt seconds ? CelTimestamp.Of(seconds.Value, 0) ?? (CelValue)CelError.TimestampOverflow : CelTimestamp.Parse(value.Text()),
            CelKind.Uint => ToUint(value),
            _ => ToText(value),
        };
    }

    private static CelBool? ToBool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => CelBool.True,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => CelBool.False,
        _ => null,
    };

    private static CelDouble? ToDouble(CelValue value) => value switch
    {
        CelInt i => new(i.Value),
        CelUint u => new(u.Value),
        _ => GoDouble(value.Text()) is { } number ? new(number) : null,
    };

    private static double? GoDouble(string text) => text.TrimStart('+', '-').ToLowerInvariant() switch
    {
        "inf" or "infinity" => text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
        "nan" => double.NaN,
        _ => double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null,
    };

    private static CelValue? ToInt(CelValue value) => value switch
    {
        CelDouble d => d.Value is > long.MinValue and < 9.2233720368547758e18 ? CelInt.Of((long)d.Value) : CelError.IntegerOverflow,
        CelDuration d => CelInt.Of(d.Nanoseconds),
        CelTimestamp t => CelInt.Of(t.Seconds),
        CelUint u => u.Value <= long.MaxValue ? CelInt.Of((long)u.Value) : CelError.IntegerOverflow,
        _ => long.TryParse(value.Text(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? CelInt.Of(number) : null,
    };

    private static CelValue? ToUint(CelValue value) => value switch
    {
        CelDouble d => d.Value is >= 0 and < 1.8446744073709552e19 ? new CelUint((ulong)d.Value) : CelError.UnsignedOverflow,
        CelInt i => i.Value >= 0 ? new CelUint((ulong)i.Value) : CelError.UnsignedOverflow,
        _ => ulong.TryParse(value.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new CelUint(number) : null,
    };

    private static CelValue ToText(CelValue value)
    {
        if (value is not CelBytes bytes)
        {
            return new CelString(value.ToString()!);
        }

        try
        {
            return new CelString(Strict.GetString(bytes.Value.Span));
        }
        catch (ArgumentException)
        {
            return Error("invalid UTF-8 in bytes, cannot convert to string");
        }
    }
}
