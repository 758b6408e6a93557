using System.Text.RegularExpressions;

namespace Kobune.Ingress.Routing;

/// <summary>rewrite-target: the whole path is replaced by a text with the groups that the location's path captured.</summary>
internal sealed class PathRewrite
{
    private readonly Regex _regex;

    private PathRewrite(Regex regex, string target) => (_regex, Target) = (regex, target);

    /// <summary>"/$2".</summary>
    public string Target { get; }

    /// <summary>Null when the path is no regular expression.</summary>
    public static PathRewrite? Create(string path, string target) => PathPattern.Compile(path) is { } regex ? new(regex, target) : null;

    /// <summary>
    /// The new path with its query. nginx' rule for arguments: those of the target come first and the client's follow, unless the target ends in "?".
    /// </summary>
    /// <param name="path">The decoded path.</param>
    /// <param name="query">The client's query with its question mark, or "".</param>
    /// <param name="variable">nginx' variables by name.</param>
    /// <returns>An encoded path and query, or an absolute address to send the client to; null when the path does not match.</returns>
    public string? Apply(string path, string query, Func<string, string> variable)
    {
        Match match;
        try
        {
            match = _regex.Match(path);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }

        if (!match.Success)
        {
            return null;
        }

        var text = NginxText.Expand(Target, name => int.TryParse(name, out var group) ? match.Groups[group].Value : variable(name));
        if (text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal))
        {
            return text;
        }

        var question = text.IndexOf('?', StringComparison.Ordinal);
        if (question < 0)
        {
            return NginxText.EscapePath(text) + query;
        }

        var own = text[(question + 1)..];
        var rest = own.Length == 0 || query.Length <= 1 ? "" : "&" + query[1..];
        return NginxText.EscapePath(text[..question]) + (own.Length == 0 ? "" : "?" + own + rest);
    }
}
