using System.Globalization;
using System.Text;

namespace Kobune.Cel.Values;

/// <summary>Go's text forms of numbers and texts, which expressions can see.</summary>
internal static class GoText
{
    /// <summary>The shortest text that reads back as the number (fmt's %g).</summary>
    public static string Double(double value)
    {
        if (!double.IsFinite(value))
        {
            return NotFinite(value);
        }

        var (digits, exponent) = Digits(value);
        var sign = double.IsNegative(value) ? "-" : "";
        if (exponent is < -4 or >= 6)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return sign + Plain(digits, exponent);
    }

    /// <summary>The shortest text without an exponent (strconv's 'f' with precision -1).</summary>
    public static string DoublePlain(double value)
    {
        if (!double.IsFinite(value))
        {
            return NotFinite(value);
        }

        var (digits, exponent) = Digits(value);
        return (double.IsNegative(value) ? "-" : "") + Plain(digits, exponent);
    }

    /// <summary>The shortest text with an exponent without leading zeros.</summary>
    public static string DoubleExponent(double value)
    {
        var (digits, exponent) = Digits(value);
        return $"{(double.IsNegative(value) ? "-" : "")}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent)}";
    }

    /// <summary>A text in double quotes with Go's escapes (strconv.Quote).</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                < 0x20 or 0x7f => $"\\x{rune.Value:x2}",
                _ => rune.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    private static string NotFinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";

    private static string Plain(string digits, int exponent) => exponent switch
    {
        < 0 => "0." + new string('0', -exponent - 1) + digits,
        _ when digits.Length <= exponent + 1 => digits + new string('0', exponent + 1 - digits.Length),
        _ => digits[..(exponent + 1)] + "." + digits[(exponent + 1)..],
    };

    private static (string Digits, int Exponent) Digits(double value)
    {
        if (value == 0)
        {
            return ("0", 0);
        }

        // "E16" would round; "R" is the shortest that reads back.
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        var all = whole + (point < 0 ? "" : mantissa[(point + 1)..]);
        var lead = all.Length - all.TrimStart('0').Length;
        return (all.Trim('0'), exponent + whole.Length - 1 - lead);
    }
}
