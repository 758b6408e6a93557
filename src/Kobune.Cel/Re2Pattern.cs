using System.Text;
using System.Text.RegularExpressions;

namespace Kobune.Cel;

/// <summary>Patterns with RE2's meaning on .NET's NonBacktracking engine, which runs in linear time too: classes are ASCII, '$' is the end of the text alone, named groups are (?P&lt;name&gt;).</summary>
public static class Re2Pattern
{
    /// <summary>The pattern, or null when RE2 would refuse it or the engine cannot have it.</summary>
    public static Regex? Compile(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        try
        {
            return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>What Go says of a pattern that is none.</summary>
    public static string Problem(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var (open, inClass) = (0, false);
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when i + 1 == pattern.Length:
                    return "error parsing regexp: trailing backslash at end of expression: ``";
                case '\\':
                    i++;
                    break;
                case '[' when !inClass:
                    inClass = true;
                    i += i + 1 < pattern.Length && pattern[i + 1] == ']' ? 1 : 0;
                    break;
                case ']' when inClass:
                    inClass = false;
                    break;
                case '(' when !inClass:
                    open++;
                    break;
                case ')' when !inClass && --open < 0:
                    return $"error parsing regexp: unexpected ): `{pattern}`";
                case '*' or '+' or '?' when i == 0:
                    return $"error parsing regexp: missing argument to repetition operator: `{pattern[i]}`";
            }
        }

        return inClass ? $"error parsing regexp: missing closing ]: `{pattern[pattern.LastIndexOf('[')..]}`"
            : open > 0 ? $"error parsing regexp: missing closing ): `{pattern}`"
            : $"error parsing regexp: invalid or unsupported Perl syntax: `{pattern}`";
    }

    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        var isMultiline = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                i += Escape(pattern, i + 1, inClass, text);
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
            else if (c == '$' && !isMultiline)
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
                isMultiline |= c == '(' && HasFlag(pattern.AsSpan(i + 1), 'm');
                text.Append(c);
            }
        }

        return text.ToString();
    }

    private static bool HasFlag(ReadOnlySpan<char> group, char flag)
    {
        if (!group.StartsWith("?"))
        {
            return false;
        }

        var flags = group[1..];
        var end = flags.IndexOfAnyExceptInRange('a', 'z');
        return (end < 0 ? flags : flags[..end]).Contains(flag);
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

    /// <summary>Writes the escape whose letter is at <paramref name="at"/>; gives how many characters it has.</summary>
    private static int Escape(string pattern, int at, bool inClass, StringBuilder text)
    {
        var c = pattern[at];
        if (c == 'Q' && !inClass)
        {
            var end = pattern.IndexOf("\\E", at, StringComparison.Ordinal);
            text.Append(Regex.Escape(pattern[(at + 1)..(end < 0 ? pattern.Length : end)]));
            return (end < 0 ? pattern.Length : end + 2) - at;
        }

        if (c == 'x' && at + 1 < pattern.Length && pattern[at + 1] == '{' && pattern.IndexOf('}', at) is var close and > 0)
        {
            var rune = Convert.ToInt32(pattern[(at + 2)..close], 16);
            text.Append(rune <= 0xffff ? $"\\u{rune:x4}" : throw new NotSupportedException("code points above U+FFFF"));
            return close + 1 - at;
        }

        if (c is 'p' or 'P' && at + 1 < pattern.Length && pattern[at + 1] != '{')
        {
            text.Append('\\').Append(c).Append('{').Append(pattern[at + 1]).Append('}');
            return 2;
        }

        text.Append(Set(c, inClass));
        return 1;
    }

    private static string Set(char c, bool inClass)
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
        "blank" => "\\t ",
        "xdigit" => "0-9A-Fa-f",
        "word" => "0-9A-Za-z_",
        "punct" => "!-/:-@\\[-`{-~",
        _ => throw new ArgumentException($"[:{name}:] is no class"),
    };
}
