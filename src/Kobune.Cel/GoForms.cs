using Kobune.Cel.Libraries;
using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>How Go's library shows numbers and reads URLs, for what speaks in upstream's texts outside of expressions.</summary>
public static class GoForms
{
    /// <summary>The shortest text that reads back as the number: 4, 0.5, 1e+06 (fmt's %v).</summary>
    public static string Double(double value) => GoText.Double(value);

    /// <summary>The shortest text without an exponent (strconv's 'f' with precision -1).</summary>
    public static string DoublePlain(double value) => GoText.DoublePlain(value);

    /// <summary>The shortest text with an exponent, which has no leading zero (encoding/json, for what is very small or large).</summary>
    public static string DoubleExponent(double value) => GoText.DoubleExponent(value);

    /// <summary>Whether it is an absolute URL, or the path of one (net/url's ParseRequestURI).</summary>
    public static bool IsRequestUri(string text) => GoUrl.Parse(text, out _) is not null;

    /// <summary>Why net/url's Parse takes a URL for none; null when it takes it. Relative references are URLs, too.</summary>
    public static string? UrlProblem(string text)
    {
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        return GoUrl.Parse(hash < 0 ? text : text[..hash], out var problem) is not null || problem.EndsWith("invalid URI for request", StringComparison.Ordinal) || problem.EndsWith("empty url", StringComparison.Ordinal)
            ? null
            : problem;
    }
}
