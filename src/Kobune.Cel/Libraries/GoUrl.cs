using System.Buffers;
using System.Text;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>A URL as Go's url.ParseRequestURI reads it: absolute, or a path.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Scheme">In small letters; empty for a path.</param>
/// <param name="Host">With the port.</param>
/// <param name="EscapedPath">As it was written when it is escaped well.</param>
/// <param name="Query">Without the question mark.</param>
internal sealed record GoUrl(string Text, string Scheme, string Host, string EscapedPath, string Query)
{
    private static readonly SearchValues<char> BadInHost = SearchValues.Create(" \\^`{|}");

    public string Hostname => Host.StartsWith('[') ? Host[1..Host.IndexOf(']', StringComparison.Ordinal)] : Host.Split(':')[0];

    public string Port
    {
        get
        {
            var rest = Host.StartsWith('[') ? Host[(Host.IndexOf(']', StringComparison.Ordinal) + 1)..] : Host;
            var colon = rest.LastIndexOf(':');
            return colon < 0 ? "" : rest[(colon + 1)..];
        }
    }

    /// <summary>Reads a URL, or says with Go's words what is wrong.</summary>
    public static GoUrl? Parse(string text, out string problem)
    {
        problem = "";
        var failure = Read(text, out var url);
        if (failure is null)
        {
            return url;
        }

        problem = $"parse {GoText.Quote(text)}: {failure}";
        return null;
    }

    /// <summary>The values of each key, in the order of the text; pairs that are escaped wrongly or have a semicolon are left out.</summary>
    public IEnumerable<KeyValuePair<string, List<string>>> QueryValues()
    {
        var values = new Dictionary<string, List<string>>();
        foreach (var pair in Query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var key = Unescape(equals < 0 ? pair : pair[..equals], isQuery: true);
            var value = Unescape(equals < 0 ? "" : pair[(equals + 1)..], isQuery: true);
            if (pair.Contains(';', StringComparison.Ordinal) || key is null || value is null)
            {
                continue;
            }

            if (!values.TryGetValue(key, out var list))
            {
                values[key] = list = [];
            }

            list.Add(value);
        }

        return values;
    }

    private static string? Read(string text, out GoUrl? url)
    {
        url = null;
        if (text.Any(c => c is < ' ' or '\x7f'))
        {
            return "net/url: invalid control character in URL";
        }

        if (text.Length == 0)
        {
            return "empty url";
        }

        if (text == "*")
        {
            url = new(text, "", "", "*", "");
            return null;
        }

        if (ReadScheme(text, out var scheme) is { } failure)
        {
            return failure;
        }

        var rest = scheme.Length == 0 ? text : text[(scheme.Length + 1)..];
        var mark = rest.IndexOf('?', StringComparison.Ordinal);
        var query = mark < 0 ? "" : rest[(mark + 1)..];
        rest = mark < 0 ? rest : rest[..mark];
        if (!rest.StartsWith('/'))
        {
            if (scheme.Length == 0)
            {
                return "invalid URI for request";
            }

            url = new(text, scheme.ToLowerInvariant(), "", "", query);
            return null;
        }

        var host = "";
        if (rest.StartsWith("//", StringComparison.Ordinal) && scheme.Length > 0)
        {
            var end = rest.IndexOf('/', 2);
            host = end < 0 ? rest[2..] : rest[2..end];
            rest = end < 0 ? "" : rest[end..];
            if (Authority(host, out host) is { } wrong)
            {
                return wrong;
            }
        }

        if (BadEscape(rest) is { } escape)
        {
            return escape;
        }

        url = new(text, scheme.ToLowerInvariant(), host, Escaped(rest), query);
        return null;
    }

    private static string? ReadScheme(string text, out string scheme)
    {
        scheme = "";
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiLetter(c))
            {
                continue;
            }

            if (char.IsAsciiDigit(c) || c is '+' or '-' or '.')
            {
                if (i == 0)
                {
                    return null;
                }
            }
            else
            {
                if (c == ':' && i == 0)
                {
                    return "missing protocol scheme";
                }

                scheme = c == ':' ? text[..i] : "";
                return null;
            }
        }

        return null;
    }

    private static string? Authority(string authority, out string host)
    {
        var at = authority.LastIndexOf('@');
        host = authority[(at + 1)..];
        if (host.StartsWith('['))
        {
            var close = host.LastIndexOf(']');
            if (close < 0)
            {
                return "missing ']' in host";
            }

            var port = host[(close + 1)..];
            return IsPort(port) ? null : $"invalid port {GoText.Quote(port)} after host";
        }

        var colon = host.LastIndexOf(':');
        if (colon >= 0 && !IsPort(host[colon..]))
        {
            return $"invalid port {GoText.Quote(host[colon..])} after host";
        }

        var bad = host.AsSpan().IndexOfAny(BadInHost);
        if (bad >= 0)
        {
            return $"invalid character {GoText.Quote(host[bad].ToString())} in host name";
        }

        if (at >= 0 && !authority[..at].All(c => char.IsAsciiLetterOrDigit(c) || "-._:~!$&'()*+,;=%@".Contains(c, StringComparison.Ordinal)))
        {
            return "net/url: invalid userinfo";
        }

        return BadEscape(host);
    }

    private static bool IsPort(string port) => port.Length == 0 || (port[0] == ':' && port.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);

    private static string? BadEscape(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])))
            {
                return $"invalid URL escape {GoText.Quote(text.Substring(i, Math.Min(3, text.Length - i)))}";
            }
        }

        return null;
    }

    /// <summary>The path as it is when each of its characters may stand there, escaped anew otherwise.</summary>
    private static string Escaped(string path)
    {
        if (path.All(c => char.IsAsciiLetterOrDigit(c) || "-_.~$&+,/:;=@!'()*[]%".Contains(c, StringComparison.Ordinal)))
        {
            return path;
        }

        var text = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(Unescape(path, isQuery: false)!))
        {
            var c = (char)octet;
            text.Append(char.IsAsciiLetterOrDigit(c) || "-_.~$&+,/:;=@".Contains(c, StringComparison.Ordinal) ? c.ToString() : $"%{octet:X2}");
        }

        return text.ToString();
    }

    private static string? Unescape(string text, bool isQuery)
    {
        if (BadEscape(text) is not null)
        {
            return null;
        }

        using var octets = new MemoryStream();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                octets.WriteByte(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                octets.Write(Encoding.UTF8.GetBytes(isQuery && text[i] == '+' ? " " : text.Substring(i, length)));
                i += length - 1;
            }
        }

        return Encoding.UTF8.GetString(octets.ToArray());
    }
}
