using System.Globalization;
using System.Text.RegularExpressions;

namespace Kobune.Cli.Output;

/// <summary>The functions of Go's text/template that work on texts, numbers and truth values.</summary>
internal static partial class GoTemplateFunctions
{
    public static object Call(string name, IReadOnlyList<object> arguments) => name switch
    {
        "print" => string.Concat(arguments.Select(Text)),
        "println" => string.Join(' ', arguments.Select(Text)) + "\n",
        "printf" when arguments is [string format, ..] => Format(format, new(arguments.Skip(1))),
        "len" when arguments is [string text] => (long)System.Text.Encoding.UTF8.GetByteCount(text),
        "not" when arguments is [var value] => !IsTrue(value),
        "and" when arguments.Count > 0 => arguments.FirstOrDefault(a => !IsTrue(a)) ?? arguments[^1],
        "or" when arguments.Count > 0 => arguments.FirstOrDefault(IsTrue) ?? arguments[^1],
        "eq" when arguments.Count > 1 => arguments.Skip(1).Any(a => Same(arguments[0], a)),
        "ne" when arguments is [var a, var b] => !Same(a, b),
        "lt" when arguments is [var a, var b] => Compare(a, b) < 0,
        "le" when arguments is [var a, var b] => Compare(a, b) <= 0,
        "gt" when arguments is [var a, var b] => Compare(a, b) > 0,
        "ge" when arguments is [var a, var b] => Compare(a, b) >= 0,
        "urlquery" => Uri.EscapeDataString(string.Concat(arguments.Select(Text))).Replace("%20", "+", StringComparison.Ordinal),
        "html" => System.Net.WebUtility.HtmlEncode(string.Concat(arguments.Select(Text))),
        "print" or "printf" or "len" or "not" or "and" or "or" or "eq" or "ne" or "lt" or "le" or "gt" or "ge" => throw new FormatException($"wrong arguments for {name}"),
        _ => throw new FormatException($"function \"{name}\" not defined"),
    };

    /// <summary>As Go prints a value.</summary>
    public static string Text(object value) => value switch { bool truth => truth ? "true" : "false", long number => number.ToString(CultureInfo.InvariantCulture), _ => (string)value };

    /// <summary>Whether a value is not the zero of its type.</summary>
    public static bool IsTrue(object value) => value switch { bool truth => truth, long number => number != 0, _ => ((string)value).Length > 0 };

    private static bool Same(object a, object b) => a.GetType() == b.GetType() ? a.Equals(b) : throw new FormatException("incompatible types for comparison");

    private static int Compare(object a, object b) => (a, b) switch
    {
        (string x, string y) => string.CompareOrdinal(x, y),
        (long x, long y) => x.CompareTo(y),
        _ => throw new FormatException("incompatible types for comparison"),
    };

    /// <summary>fmt.Sprintf with the verbs s, v, q, d and t, a width and "-".</summary>
    private static string Format(string format, Queue<object> arguments)
    {
        var text = Verb().Replace(format, match =>
        {
            if (match.Groups["verb"].Value == "%")
            {
                return "%";
            }

            var verb = match.Groups["verb"].Value;
            if (!arguments.TryDequeue(out var value))
            {
                return $"%!{verb}(MISSING)";
            }

            var written = (verb, value) switch
            {
                ("q", string quoted) => "\"" + quoted.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"",
                ("s" or "v", string) or ("d" or "v", long) or ("t" or "v", bool) => Text(value),
                _ => $"%!{verb}({(value is string ? "string" : value is long ? "int" : "bool")}={Text(value)})",
            };
            var width = match.Groups["width"].Length == 0 ? 0 : int.Parse(match.Groups["width"].Value, CultureInfo.InvariantCulture);
            return match.Groups["minus"].Length > 0 ? written.PadRight(width) : written.PadLeft(width);
        });
        return arguments.Count == 0 ? text : $"{text}%!(EXTRA {string.Join(", ", arguments.Select(a => $"{(a is string ? "string" : a is long ? "int" : "bool")}={Text(a)}"))})";
    }

    [GeneratedRegex("%(?<minus>-)?(?<width>[0-9]{1,3})?(?<verb>[a-zA-Z%])")]
    private static partial Regex Verb();
}
