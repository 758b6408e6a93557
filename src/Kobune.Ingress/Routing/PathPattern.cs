using System.Text.RegularExpressions;

namespace Kobune.Ingress.Routing;

/// <summary>
/// One path of a host. Exact and Prefix have the Kubernetes meaning (a prefix counts by whole elements, a final slash does not);
/// ImplementationSpecific is Prefix, as ingress-nginx has it. When any Ingress of a host uses regular expressions, all paths of that host are
/// expressions without regard to case, anchored at the start: nginx' rule, and a surprise that its documentation warns of.
/// </summary>
internal sealed class PathPattern
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1); // for expressions that only the backtracking engine knows
    private readonly string _prefix;
    private readonly Regex? _regex;

    private PathPattern(string path, bool exact, Regex? regex)
    {
        (Path, Exact, _regex) = (path, exact, regex);
        _prefix = exact ? path : path.TrimEnd('/');
    }

    /// <summary>As the Ingress has it.</summary>
    public string Path { get; }

    public bool Exact { get; }

    /// <summary>How much of a path it fixes.</summary>
    public int Length => _regex is null ? _prefix.Length : Path.Length;

    public static PathPattern Plain(string path, bool exact) => new(path, exact, null);

    /// <summary>Null when the path is no regular expression.</summary>
    public static PathPattern? Expression(string path, bool exact) => Compile("^" + path) is { } regex ? new(path, exact, regex) : null;

    /// <summary>The linear engine where it can, PCRE's other constructs with a time limit.</summary>
    public static Regex? Compile(string pattern)
    {
        const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
        try
        {
            return new(pattern, Options | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new(pattern, Options, Patience);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    public bool Matches(string path)
    {
        if (_regex is not null)
        {
            try
            {
                return _regex.IsMatch(path);
            }
            catch (RegexMatchTimeoutException)
            {
                return false;
            }
        }

        if (Exact)
        {
            return path == _prefix;
        }

        return path.StartsWith(_prefix, StringComparison.Ordinal) && (path.Length == _prefix.Length || path[_prefix.Length] == '/');
    }

    /// <summary>The order in which paths are tried: the longest first, exact before prefix.</summary>
    public static int Compare(PathPattern one, PathPattern other)
    {
        var byLength = other.Length.CompareTo(one.Length);
        var byKind = byLength != 0 ? byLength : other.Exact.CompareTo(one.Exact);
        return byKind != 0 ? byKind : string.CompareOrdinal(other.Path, one.Path);
    }
}
