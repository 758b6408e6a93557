using System.Text;
using System.Text.RegularExpressions;
using HtmlAgilityPack;

namespace Kobune.ApiServer.Handlers;

/// <summary>Leads links to the proxied target back under the proxy's own path. Source: k8s.io/apimachinery, util/proxy: Transport.</summary>
/// <param name="target">The target's host and port, as its own absolute links may name it.</param>
/// <param name="asked">The host that the client named.</param>
/// <param name="prefix">Path of the proxy, without a slash at its end.</param>
internal sealed partial class ProxyLinks(string target, string asked, string prefix)
{
    /// <summary>Attributes that hold one URL, per element.</summary>
    private static readonly Dictionary<string, string[]> LinkAttributes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["a"] = ["href"],
        ["applet"] = ["codebase"],
        ["area"] = ["href"],
        ["audio"] = ["src"],
        ["base"] = ["href"],
        ["blockquote"] = ["cite"],
        ["body"] = ["background"],
        ["button"] = ["formaction"],
        ["command"] = ["icon"],
        ["del"] = ["cite"],
        ["embed"] = ["src"],
        ["form"] = ["action"],
        ["frame"] = ["longdesc", "src"],
        ["head"] = ["profile"],
        ["html"] = ["manifest"],
        ["iframe"] = ["longdesc", "src"],
        ["img"] = ["longdesc", "src", "usemap"],
        ["input"] = ["formaction", "src", "usemap"],
        ["ins"] = ["cite"],
        ["link"] = ["href"],
        ["object"] = ["classid", "codebase", "data", "usemap"],
        ["q"] = ["cite"],
        ["script"] = ["src"],
        ["source"] = ["src"],
        ["video"] = ["poster", "src"],
    };

    /// <summary>One link: relative ones and those to other hosts stay as they are.</summary>
    public string Rewrite(string link)
    {
        var match = Parts().Match(link);
        var (origin, host, path) = (match.Groups["origin"].Value, match.Groups["host"].Value, match.Groups["path"].Value);
        if ((origin.Length > 0 && host != target && host != asked) || !path.StartsWith('/'))
        {
            return link;
        }

        return (host == asked ? origin : "") + (path.StartsWith(prefix, StringComparison.Ordinal) ? "" : prefix) + path;
    }

    /// <summary>A page whose links are led back; everything else in it stays byte for byte.</summary>
    public byte[] RewritePage(ReadOnlySpan<byte> page)
    {
        var text = Encoding.Latin1.GetString(page); // a character per byte: whatever the page's encoding is, markup and URLs are ASCII
        var document = new HtmlDocument { OptionReadEncoding = false };
        document.LoadHtml(text);
        var links = document.DocumentNode.Descendants().Where(n => LinkAttributes.ContainsKey(n.Name))
            .SelectMany(n => n.Attributes.Where(a => LinkAttributes[n.Name].Contains(a.Name, StringComparer.OrdinalIgnoreCase) && a.ValueLength > 0))
            .OrderBy(a => a.ValueStartIndex);
        var result = new StringBuilder(text.Length + 256);
        var done = 0;
        foreach (var link in links)
        {
            result.Append(text, done, link.ValueStartIndex - done).Append(Rewrite(text.Substring(link.ValueStartIndex, link.ValueLength)));
            done = link.ValueStartIndex + link.ValueLength;
        }

        return Encoding.Latin1.GetBytes(result.Append(text, done, text.Length - done).ToString());
    }

    [GeneratedRegex("^(?<origin>(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?<host>[^/?#]*)|[A-Za-z][A-Za-z0-9+.-]*:)?(?<path>.*)$", RegexOptions.Singleline)]
    private static partial Regex Parts();
}
