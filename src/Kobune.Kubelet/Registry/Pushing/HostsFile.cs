using System.Text.RegularExpressions;

namespace Kobune.Kubelet.Registry.Pushing;

/// <summary>
/// Reads a hosts.toml for the servers that take a host's images: those with the capability "push" in their order, then the host's own server
/// (containerd, remotes/docker/config/hosts.go). Pure. Of TOML only what such a file needs: tables, strings, booleans and lists of strings.
/// </summary>
internal static partial class HostsFile
{
    /// <summary>The servers to try.</summary>
    /// <param name="host">"registry.test:5000".</param>
    /// <param name="text">The file; empty when there is none.</param>
    public static IReadOnlyList<PushServer> Servers(string host, string text)
    {
        var own = new PushServer(DefaultUrl(host));
        var hosts = new List<PushServer>();
        var table = "";
        foreach (var line in Statements(text))
        {
            if (Table().Match(line) is { Success: true } head)
            {
                table = head.Groups["host"].Success ? head.Groups["header"].Success ? "header" : "host" : "";
                if (table == "host")
                {
                    hosts.Add(new(head.Groups["host"].Value.TrimEnd('/')));
                }
            }
            else if (Pair().Match(line) is { Success: true } pair)
            {
                var (key, values) = (pair.Groups["key"].Value, Values(pair.Groups["value"].Value));
                if (table.Length == 0)
                {
                    own = key == "server" ? own with { Url = Complete(values[0], DefaultUrl(host)) } : With(own, key, values);
                }
                else
                {
                    hosts[^1] = table == "header" ? hosts[^1] with { Headers = new Dictionary<string, string>(hosts[^1].Headers) { [key] = values[0] } } : With(hosts[^1], key, values);
                }
            }
        }

        return [.. hosts.Where(h => h.TakesImages).Append(own).DistinctBy(h => h.Url)];
    }

    // containerd speaks plain HTTP with the machine itself (docker.MatchLocalhost).
    private static string DefaultUrl(string host)
    {
        var name = host.Split(':')[0];
        return (host, name) switch
        {
            ("docker.io", _) => "https://registry-1.docker.io",
            (_, "localhost") => "http://" + host,
            _ when name.StartsWith("127.", StringComparison.Ordinal) || host.StartsWith("[::1]", StringComparison.Ordinal) => "http://" + host,
            _ => "https://" + host,
        };
    }

    private static string Complete(string server, string fallback) =>
        server.Length == 0 ? fallback : (server.Contains("://", StringComparison.Ordinal) ? server : "https://" + server).TrimEnd('/');

    private static PushServer With(PushServer server, string key, List<string> values) => key switch
    {
        "capabilities" => server with { TakesImages = values.Contains("push") },
        "skip_verify" => server with { SkipVerify = values[0] == "true" },
        "ca" => server with { Authorities = values },
        "client" => server with { Client = values },
        _ => server,
    };

    private static List<string> Values(string text)
    {
        var strings = Text().Matches(text).Select(m => m.Groups["text"].Value).ToList();
        return strings.Count > 0 ? strings : [text.Trim()];
    }

    // Lines without comments; a list over several lines is one.
    private static IEnumerable<string> Statements(string text)
    {
        var open = "";
        foreach (var raw in text.Split('\n').Select(l => Comment().Replace(l, "${kept}").Trim()).Where(l => l.Length > 0))
        {
            open += raw;
            if (open[0] == '[' || open.Count(c => c == '[') == open.Count(c => c == ']'))
            {
                yield return open;
                open = "";
            }
        }
    }

    [GeneratedRegex("""^\[\s*host\s*\.\s*["'](?<host>[^"']+)["']\s*(?<header>\.\s*header\s*)?\]$|^\[[^\]]*\]$""")]
    private static partial Regex Table();

    [GeneratedRegex("""^["']?(?<key>[A-Za-z0-9_-]+)["']?\s*=\s*(?<value>.+)$""")]
    private static partial Regex Pair();

    [GeneratedRegex("""["'](?<text>[^"']*)["']""")]
    private static partial Regex Text();

    [GeneratedRegex("""^(?<kept>(?:[^"'#]|"[^"]*"|'[^']*')*)#.*$""")]
    private static partial Regex Comment();
}
