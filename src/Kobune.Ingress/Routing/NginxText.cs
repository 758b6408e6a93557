using System.Text;

namespace Kobune.Ingress.Routing;

/// <summary>Texts with nginx' variables ("$host", "${request_uri}", "$1"), and its way to encode a path.</summary>
internal static class NginxText
{
    private const string Plain = "!$&'()*+,;=:@/-._~[]|^`\\\"<>{}"; // what ngx_escape_uri leaves alone in a path, beside letters and digits

    /// <summary>Puts in the values; a dollar without a name stays.</summary>
    public static string Expand(string text, Func<string, string> variable)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var (name, end) = text[i] == '$' ? NameAt(text, i + 1) : ("", i);
            if (name.Length == 0)
            {
                result.Append(text[i]);
            }
            else
            {
                result.Append(variable(name));
                i = end - 1;
            }
        }

        return result.ToString();
    }

    public static string EscapePath(string path)
    {
        var result = new StringBuilder(path.Length);
        foreach (var b in Encoding.UTF8.GetBytes(path))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || (c < 0x80 && Plain.Contains(c, StringComparison.Ordinal)))
            {
                result.Append(c);
            }
            else
            {
                result.Append('%').Append(b.ToString("X2"));
            }
        }

        return result.ToString();
    }

    private static (string Name, int End) NameAt(string text, int start)
    {
        if (start < text.Length && text[start] == '{')
        {
            var close = text.IndexOf('}', start);
            return close < 0 ? ("", start) : (text[(start + 1)..close], close + 1);
        }

        if (start < text.Length && char.IsAsciiDigit(text[start]))
        {
            return (text[start..(start + 1)], start + 1); // nginx knows nine groups
        }

        var end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        return (text[start..end], end);
    }
}
