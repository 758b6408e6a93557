using Kobune.Api.Core.V1;
using Kobune.Kubelet.Events;

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

/// <summary>What a pod's resolv.conf gets, and what the pod's owner has to hear of it.</summary>
internal sealed record PodResolvConf(ResolvConf Conf, IReadOnlyList<(string Reason, string Message)> Warnings);

/// <summary>The resolver settings of a pod (kubelet/network/dns).</summary>
internal static class PodDns
{
    private const int MaxServers = 3;
    private const int MaxSearches = 32;
    private const int MaxSearchChars = 2048;
    private const int MaxSearchPath = 253; // glibc 2.28 aborts on longer ones

    /// <param name="pod">The pod.</param>
    /// <param name="clusterDns">Addresses of the cluster DNS; none when the kubelet was given none.</param>
    /// <param name="clusterDomain">The cluster domain, or nothing.</param>
    /// <param name="host">The node's settings; null when the kubelet was told to have none.</param>
    internal static PodResolvConf Compute(Pod pod, IReadOnlyList<string> clusterDns, string clusterDomain, ResolvConf? host)
    {
        var warnings = new List<(string Reason, string Message)>();
        var conf = pod.Spec.DNSPolicy switch
        {
            "None" => new ResolvConf([], [], []),
            "Default" => host ?? Nowhere,
            "ClusterFirst" when pod.Spec.HostNetwork => host ?? Nowhere, // the node's own programs do not ask the cluster either
            _ when clusterDns.Count > 0 => new ResolvConf(clusterDns, ClusterSearches(pod.Metadata.Namespace, clusterDomain, host?.Searches ?? []), ["ndots:5"]),
            _ => Missing(pod, host, warnings),
        };
        conf = pod.Spec.DNSConfig is { } config ? Merge(conf, config) : conf;
        conf = conf with { Servers = LimitServers(conf.Servers, warnings), Searches = LimitSearches(conf.Searches, warnings) };
        return new(conf, warnings);
    }

    /// <summary>A resolver without name servers would ask the local machine: this says so, and no domain is searched.</summary>
    private static ResolvConf Nowhere => new(["127.0.0.1"], ["."], []);

    private static ResolvConf Missing(Pod pod, ResolvConf? host, List<(string Reason, string Message)> warnings)
    {
        var name = $"{pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})";
        warnings.Add((
            EventReasons.MissingClusterDNS,
            $"pod: \"{name}\". kubelet does not have ClusterDNS IP configured and cannot create Pod using \"ClusterFirst\" policy. Falling back to \"Default\" policy."));
        return host ?? Nowhere;
    }

    private static IReadOnlyList<string> ClusterSearches(string ns, string domain, IReadOnlyList<string> host) =>
        domain.Length == 0 ? host : [.. ((string[])[$"{ns}.svc.{domain}", $"svc.{domain}", domain]).Concat(host).Distinct()];

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

    private static IReadOnlyList<string> LimitServers(IReadOnlyList<string> servers, List<(string Reason, string Message)> warnings)
    {
        if (servers.Count <= MaxServers)
        {
            return servers;
        }

        servers = [.. servers.Take(MaxServers)];
        warnings.Add((
            EventReasons.DNSConfigForming,
            $"Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: {string.Join(' ', servers)}"));
        return servers;
    }

    private static List<string> LimitSearches(IReadOnlyList<string> searches, List<(string Reason, string Message)> warnings)
    {
        var kept = new List<string>();
        var chars = -1; // no space before the first
        foreach (var search in searches.Take(MaxSearches).Where(s => s.Length <= MaxSearchPath))
        {
            chars += search.Length + 1;
            if (chars > MaxSearchChars)
            {
                break;
            }

            kept.Add(search);
        }

        if (kept.Count < searches.Count)
        {
            warnings.Add((
                EventReasons.DNSConfigForming,
                $"Search Line limits were exceeded, some search paths have been omitted, the applied search line is: {string.Join(' ', kept)}"));
        }

        return kept;
    }
}
