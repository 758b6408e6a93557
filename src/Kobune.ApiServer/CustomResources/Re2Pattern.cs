using System.Text;
using System.Text.RegularExpressions;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Patterns of schemas with RE2's meaning on .NET's NonBacktracking engine, which runs in linear time too: classes are ASCII, '$' is the end of the text alone, named groups are (?P&lt;name&gt;).</summary>
internal static class Re2Pattern
{
    /// <summary>The pattern, or null when RE2 would refuse it or the engine cannot have it.</summary>
    public static Regex? Compile(string pattern)
    {
        try
        {
            return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    public static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                text.Append(Escape(pattern[++i], inClass));
            }
            else if (inClass)
            {
                i += Class(pattern, i, text, ref inClass);
            }
            else if (c == '[')
            {
                inClass = true;
                text.Append('[');
                i += ClassHead(pattern, i + 1, text);
            }
            else if (c == '$')
            {
                text.Append("\\z");
            }
            else if (c == '(' && pattern.AsSpan(i).StartsWith("(?P<"))
            {
                text.Append("(?<");
                i += 3;
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }

    /// <summary>A ']' right at the beginning of a class is a letter.</summary>
    private static int ClassHead(string pattern, int at, StringBuilder text)
    {
        var start = at;
        if (at < pattern.Length && pattern[at] == '^')
        {
            text.Append('^');
            at++;
        }

        if (at < pattern.Length && pattern[at] == ']')
        {
            text.Append("\\]");
            at++;
        }

        return at - start;
    }

    private static int Class(string pattern, int at, StringBuilder text, ref bool inClass)
    {
        if (pattern[at] == '[' && at + 1 < pattern.Length && pattern[at + 1] == ':' && pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) is var end and > 0)
        {
            text.Append(Posix(pattern[(at + 2)..end]));
            return end + 1 - at;
        }

        inClass = pattern[at] != ']';
        text.Append(pattern[at] == '[' ? "\\[" : pattern[at].ToString());
        return 0;
    }

    private static string Escape(char c, bool inClass)
    {
        var set = c switch
        {
            'd' => "0-9",
            'w' => "0-9A-Za-z_",
            's' => "\\t\\n\\f\\r ",
            _ => null,
        };
        return (set, c) switch
        {
            ({ } inner, _) => inClass ? inner : $"[{inner}]",
            (_, 'D') => inClass ? "\\D" : "[^0-9]",
            (_, 'W') => inClass ? "\\W" : "[^0-9A-Za-z_]",
            (_, 'S') => inClass ? "\\S" : "[^\\t\\n\\f\\r ]",
            _ => "\\" + c,
        };
    }

    private static string Posix(string name) => name switch
    {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "digit" => "0-9",
        "lower" => "a-z",
        "upper" => "A-Z",
        "space" => "\\t\\n\\v\\f\\r ",
        "xdigit" => "0-9A-Fa-f",
        "word" => "0-9A-Za-z_",
        "punct" => "!-/:-@\\[-`{-~",
        _ => throw new ArgumentException($"[:{name}:] is no class"),
    };
}
