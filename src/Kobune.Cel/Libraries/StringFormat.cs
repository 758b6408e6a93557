using System.Globalization;
using System.Text;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>"...".format([...]) with the clauses %s %d %f %e %b %x %X %o (cel-go's ext/formatting.go); fractions have the form of the locale en_US.</summary>
internal static class StringFormat
{
    private const int DefaultPrecision = 6;

    /// <summary>A clause did not fit; the message is what the expression sees.</summary>
    private sealed class FormatProblem(string message) : Exception(message);

    public static CelValue Apply(string format, CelList arguments)
    {
        try
        {
            return Text(Write(format, arguments));
        }
        catch (FormatProblem e)
        {
            return Error(e.Message);
        }
    }

    /// <summary>The letters of the clauses that have an argument, and what is wrong with the text.</summary>
    public static (IReadOnlyList<char> Clauses, string? Problem) Clauses(string format, int arguments)
    {
        var clauses = new List<char>();
        try
        {
            for (var i = format.IndexOf('%', StringComparison.Ordinal); i >= 0; i = i + 1 < format.Length ? format.IndexOf('%', i + 1) : -1)
            {
                i++;
                if (i < format.Length && format[i] == '%')
                {
                    continue;
                }

                _ = clauses.Count < arguments ? 0 : throw new FormatProblem($"index {clauses.Count} out of range");
                _ = i < format.Length ? 0 : throw new FormatProblem("unexpected end of string");
                Precision(format, ref i);
                clauses.Add("sdfebxXo".Contains(format[i], StringComparison.Ordinal) ? format[i] : throw new FormatProblem($"could not parse formatting clause: unrecognized formatting clause \"{format[i]}\""));
            }
        }
        catch (FormatProblem e)
        {
            return (clauses, e.Message);
        }

        return (clauses, null);
    }

    /// <summary>What is wrong with a clause for values of a type; null when nothing, or when the type is known only at run time.</summary>
    public static string? Misfit(char clause, CelType type)
    {
        var fits = clause switch
        {
            'd' or 'o' => type.Kind is CelKind.Int or CelKind.Uint,
            'f' or 'e' => type.Kind is CelKind.Double or CelKind.String,
            'b' => type.Kind is CelKind.Int or CelKind.Uint or CelKind.Bool,
            'x' or 'X' => type.Kind is CelKind.Int or CelKind.Uint or CelKind.String or CelKind.Bytes,
            _ => type.Kind is not (CelKind.Struct or CelKind.Opaque),
        };
        return fits || type.Kind is CelKind.Dyn or CelKind.Parameter ? null : $"error during formatting: {Rule(clause)}, was given {type.Name}";
    }

    private static string Rule(char clause) => clause switch
    {
        'd' => "decimal clause can only be used on integers",
        'o' => "octal clause can only be used on integers",
        'f' => "fixed-point clause can only be used on doubles",
        'e' => "scientific clause can only be used on doubles",
        'b' => "only integers and bools can be formatted as binary",
        'x' or 'X' => "only integers, byte buffers, and strings can be formatted as hex",
        _ => "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
    };

    private static string Write(string format, CelList arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            i++;
            if (i < format.Length && format[i] == '%')
            {
                text.Append('%');
                continue;
            }

            if (next >= arguments.Count)
            {
                throw new FormatProblem($"index {next} out of range");
            }

            if (i >= format.Length)
            {
                throw new FormatProblem("unexpected end of string");
            }

            var precision = Precision(format, ref i);
            text.Append(Clause(format[i], precision, arguments[next++]));
        }

        return text.ToString();
    }

    private static int? Precision(string format, ref int at)
    {
        if (format[at] != '.')
        {
            return null;
        }

        var start = ++at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
        {
            at++;
        }

        if (at >= format.Length)
        {
            throw new FormatProblem("could not parse formatting clause: error while parsing precision: could not find end of precision specifier");
        }

        return int.TryParse(format.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var precision) && precision <= 1000
            ? precision
            : throw new FormatProblem($"could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing {GoText.Quote(format[start..at])}: invalid syntax");
    }

    private static string Clause(char clause, int? precision, CelValue value) => clause switch
    {
        's' => Display(value),
        'd' => value is CelInt or CelUint ? value.ToString()! : throw Misfit('d', value),
        'f' => Fixed(Number(value, 'f'), precision ?? DefaultPrecision, grouped: true),
        'e' => Scientific(Number(value, 'e'), precision ?? DefaultPrecision),
        'b' => value is CelBool flag ? (flag.Value ? "1" : "0") : Radix(value, 2) ?? throw Misfit('b', value),
        'o' => Radix(value, 8) ?? throw Misfit('o', value),
        'x' => Hex(value),
        'X' => Hex(value).ToUpperInvariant(),
        _ => throw new FormatProblem($"could not parse formatting clause: unrecognized formatting clause \"{clause}\""),
    };

    private static FormatProblem Misfit(char clause, CelValue value) => new($"error during formatting: {Rule(clause)}, was given {value.TypeName}");

    private static string Display(CelValue value) => value switch
    {
        CelList list => List(list),
        CelMap map => Map(map),
        CelInt or CelUint or CelDouble or CelBool or CelString or CelTimestamp or CelBytes or CelDuration or CelTypeValue or CelNull => value.ToString()!,
        _ => throw Misfit('s', value),
    };

    private static string List(CelList list)
    {
        var items = new string[list.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Literal(list[i]);
        }

        return $"[{string.Join(", ", items)}]";
    }

    private static string Map(CelMap map)
    {
        var pairs = new List<(string Key, string Value)>();
        foreach (var key in map.Keys)
        {
            pairs.Add((key is CelString or CelBool or CelInt or CelUint ? Literal(key) : throw new FormatProblem($"error during formatting: no formatting function for map key of type {key.TypeName}"), Literal(map.Find(key)!)));
        }

        return $"{{{string.Join(", ", pairs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{p.Value}"))}}}";
    }

    /// <summary>A value inside of a list or map, in the form of a literal.</summary>
    private static string Literal(CelValue value) => value switch
    {
        CelString s => GoText.Quote(s.Value),
        CelBytes => "b" + GoText.Quote(value.ToString()!),
        CelDouble { Value: var d } => double.IsFinite(d) ? Fixed(d, DefaultPrecision, grouped: false) : GoText.Quote(GoText.Double(d)),
        CelTimestamp => $"timestamp({GoText.Quote(value.ToString()!)})",
        CelDuration => $"duration({GoText.Quote(value.ToString()!)})",
        CelInt or CelUint or CelBool or CelNull or CelTypeValue or CelList or CelMap => Display(value),
        _ => throw new FormatProblem($"error during formatting: no formatting function for {value.TypeName}"),
    };

    private static double Number(CelValue value, char clause) => value switch
    {
        CelDouble d => d.Value,
        CelString { Value: "NaN" } => double.NaN,
        CelString { Value: "Infinity" } => double.PositiveInfinity,
        CelString { Value: "-Infinity" } => double.NegativeInfinity,
        _ => throw Misfit(clause, value),
    };

    private static string Special(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";

    private static string Fixed(double value, int precision, bool grouped) =>
        !double.IsFinite(value) ? Special(value) : value.ToString((grouped ? "N" : "F") + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Scientific(double value, int precision)
    {
        if (!double.IsFinite(value))
        {
            return Special(value);
        }

        var text = value.ToString("E" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(text.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        var digits = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        var raised = string.Concat(digits.Select(d => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d - '0']));
        return $"{text[..mark]}\u202f×\u202f10{(exponent < 0 ? "⁻" : "")}{raised}";
    }

    private static string? Radix(CelValue value, int radix) => value switch
    {
        CelInt i => i.Value == long.MinValue ? "-" + Digits((ulong)long.MaxValue + 1, radix) : (i.Value < 0 ? "-" : "") + Digits((ulong)Math.Abs(i.Value), radix),
        CelUint u => Digits(u.Value, radix),
        _ => null,
    };

    private static string Digits(ulong value, int radix)
    {
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, "0123456789abcdef"[(int)(value % (ulong)radix)]);
            value /= (ulong)radix;
        }
        while (value > 0);
        return digits.ToString();
    }

    private static string Hex(CelValue value) => value switch
    {
        CelString s => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(s.Value)),
        CelBytes b => Convert.ToHexStringLower(b.Value.Span),
        _ => Radix(value, 16) ?? throw Misfit('x', value),
    };
}
