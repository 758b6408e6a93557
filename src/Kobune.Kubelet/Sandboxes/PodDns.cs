using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Sandboxes;

/// <summary>The three lines of a resolv.conf.</summary>
internal sealed record ResolvConf(IReadOnlyList<string> Servers, IReadOnlyList<string> Searches, IReadOnlyList<string> Options)
{
    internal static ResolvConf Parse(string text)
    {
        List<string> servers = [], searches = [], options = [];
        foreach (var line in text.Split('\n'))
        {
            var fields = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 1 || fields[0][0] is '#' or ';')
            {
                continue;
            }

            switch (fields[0])
            {
                case "nameserver" when fields.Length > 1:
                    servers.Add(fields[1]);
                    break;
                case "search":
                    searches = [.. fields.Skip(1).Select(f => f == "." ? f : f.TrimEnd('.'))]; // the last line wins
                    break;
                case "options":
                    options = [.. fields.Skip(1)];
                    break;
            }
        }

        return new(servers, searches, options);
    }
}

/// <summary>The resolver settings of a pod (kubelet/network/dns).</summary>
internal static class PodDns
{
    private const int MaxServers = 3;
    private const int MaxSearches = 32;
    private const int MaxSearchChars = 2048;

    internal static ResolvConf Compute(Pod pod, IReadOnlyList<string> clusterDns, string clusterDomain, ResolvConf host)
    {
        var policy = pod.Spec.DNSPolicy;
        var cluster = clusterDns.Count > 0 && (policy == "ClusterFirstWithHostNet" || (policy is "ClusterFirst" or "" && !pod.Spec.HostNetwork));
        var result = policy == "None" ? new ResolvConf([], [], [])
            : !cluster ? host
            : new ResolvConf(clusterDns, ClusterSearches(pod.Metadata.Namespace, clusterDomain, host.Searches), ["ndots:5"]);
        return Limit(pod.Spec.DNSConfig is { } config ? Merge(result, config) : result);
    }

    private static List<string> ClusterSearches(string ns, string domain, IReadOnlyList<string> host) =>
        [.. ((string[])[$"{ns}.svc.{domain}", $"svc.{domain}", domain]).Concat(host).Distinct()];

    private static ResolvConf Merge(ResolvConf from, PodDNSConfig config)
    {
        var options = new Dictionary<string, string>();
        foreach (var option in from.Options)
        {
            var colon = option.IndexOf(':', StringComparison.Ordinal);
            options[colon < 0 ? option : option[..colon]] = option;
        }

        foreach (var option in config.Options)
        {
            options[option.Name] = option.Value is { Length: > 0 } value ? $"{option.Name}:{value}" : option.Name;
        }

        return new([.. from.Servers.Concat(config.Nameservers).Distinct()], [.. from.Searches.Concat(config.Searches).Distinct()], [.. options.Values]);
    }

    private static ResolvConf Limit(ResolvConf conf)
    {
        var searches = new List<string>();
        var chars = 0;
        foreach (var search in conf.Searches.Take(MaxSearches))
        {
            chars += search.Length + (searches.Count > 0 ? 1 : 0);
            if (chars > MaxSearchChars)
            {
                break;
            }

            searches.Add(search);
        }

        return conf with { Servers = [.. conf.Servers.Take(MaxServers)], Searches = searches };
    }
}
