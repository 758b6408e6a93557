using System.Collections.Immutable;
using System.Net;
using Kobune.Dns.Forwarding;
using Kobune.Dns.Wire;
using Kobune.Dns.Zones;

namespace Kobune.Dns.Configuration;

/// <summary>
/// The plugins of a Corefile that mean something here: forward (also in server blocks of other domains: stub domains), cache, hosts, rewrite name exact,
/// and ttl, pods and endpoint_pod_names of kubernetes. What this server does anyway (errors, health, ...) is passed over; anything else is named as a problem. Pure.
/// </summary>
internal static class CorefileSettings
{
    private const int DnsPort = 53;
    private const uint MaxTtl = 3600; // plugin/kubernetes/setup.go

    /// <summary>Plugins whose work is done without being asked, or that have no meaning inside of the node process.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "errors", "health", "ready", "loop", "loadbalance", "log", "prometheus", "reload", "debug", "bind", "bufsize", "lameduck" };

    /// <summary>Null when the text cannot be read; what was in force before stays then.</summary>
    public static DnsSettings? Parse(string corefile)
    {
        if (Corefile.Parse(corefile) is not { } blocks)
        {
            return null;
        }

        var settings = blocks.Count == 0 ? DnsSettings.Default : DnsSettings.Default with { Cache = ImmutableDictionary<string, CacheLimits>.Empty }; // only a block that says so has a cache
        foreach (var block in blocks)
        {
            foreach (var zone in block.Words.Select(ZoneOf))
            {
                settings = zone is null ? Problem(settings, string.Join(' ', block.Words)) : block.Block.Aggregate(settings, (s, d) => Apply(s, zone, d));
            }
        }

        return settings;
    }

    /// <summary>".:53", "example.com:53", "dns://example.com.", each a zone; null when it is none.</summary>
    internal static string? ZoneOf(string key)
    {
        var text = key.TrimEnd(',');
        text = text.StartsWith("dns://", StringComparison.Ordinal) ? text["dns://".Length..] : text;
        var colon = text.LastIndexOf(':');
        text = colon >= 0 && text[(colon + 1)..].All(char.IsAsciiDigit) ? text[..colon] : text;
        return DnsName.TryParse(text == "." ? "" : text, out var name) ? name.Key : null;
    }

    /// <summary>"10.0.0.1", "10.0.0.1:5353", "[fd00::1]:53", "dns://10.0.0.1".</summary>
    internal static IPEndPoint? ServerOf(string text)
    {
        text = text.StartsWith("dns://", StringComparison.Ordinal) ? text["dns://".Length..] : text;
        return !text.StartsWith('[') && IPAddress.TryParse(text, out var address) ? new(address, DnsPort) // an address in brackets would lose its port
            : IPEndPoint.TryParse(text, out var endpoint) ? endpoint.Port == 0 ? new(endpoint.Address, DnsPort) : endpoint
            : null;
    }

    private static DnsSettings Apply(DnsSettings settings, string zone, Directive directive) => directive.Name switch
    {
        "forward" when directive.Words.Count > 2 => Forward(settings, zone, directive),
        "cache" => Cache(settings, zone, directive),
        "kubernetes" => Kubernetes(settings, directive),
        "hosts" => Hosts(settings, directive),
        "rewrite" => Rewrite(settings, directive),
        _ when Known.Contains(directive.Name) => settings,
        _ => Problem(settings, string.Join(' ', directive.Words)),
    };

    private static DnsSettings Forward(DnsSettings settings, string zone, Directive directive)
    {
        var from = ZoneOf(directive.Words[1]);
        from = from is { Length: > 0 } ? from : zone; // "." in a server block means that block's zone
        var targets = directive.Words.Skip(2).ToList();
        if (targets.Exists(t => t.StartsWith('/')))
        {
            return settings with { Forward = settings.Forward.SetItem(from, null) }; // a resolv.conf: the node's
        }

        var servers = targets.Select(ServerOf).ToList();
        return servers.Contains(null)
            ? Problem(settings, string.Join(' ', directive.Words))
            : settings with { Forward = settings.Forward.SetItem(from, [.. servers.OfType<IPEndPoint>()]) };
    }

    /// <summary>"cache [TTL]", and in its block "success CAPACITY [TTL]", "denial CAPACITY [TTL]" and "prefetch AMOUNT [[DURATION] [PERCENTAGE%]]".</summary>
    private static DnsSettings Cache(DnsSettings settings, string zone, Directive directive)
    {
        var limits = directive.Words.Count > 1 && uint.TryParse(directive.Words[1], out var ttl) ? new CacheLimits(ttl, ttl) : CacheLimits.Plain;
        foreach (var line in directive.Block)
        {
            uint? most = line.Words.Count > 2 && uint.TryParse(line.Words[2], out var given) ? given : null;
            switch (line.Name)
            {
                case "success":
                    limits = limits with { Success = most ?? limits.Success };
                    break;
                case "denial":
                    limits = limits with { Denial = most ?? limits.Denial };
                    break;
                case "prefetch" when Prefetch.Parse(line.Words) is { } prefetch:
                    limits = limits with { Prefetch = prefetch };
                    break;
                default:
                    settings = Problem(settings, "cache: " + string.Join(' ', line.Words));
                    break;
            }
        }

        return settings with { Cache = settings.Cache.SetItem(zone, limits) };
    }

    /// <summary>A block without "pods" has no records of pods, as in CoreDNS.</summary>
    private static DnsSettings Kubernetes(DnsSettings settings, Directive directive)
    {
        var zone = ZoneSettings.Default with { Pods = PodRecords.Disabled };
        foreach (var line in directive.Block)
        {
            switch (line.Words)
            {
                case ["ttl", var text] when uint.TryParse(text, out var ttl) && ttl <= MaxTtl:
                    zone = zone with { Ttl = ttl };
                    break;
                case ["pods", "insecure" or "disabled" or "verified"]:
                    zone = zone with { Pods = Enum.Parse<PodRecords>(line.Words[1], ignoreCase: true) };
                    break;
                case ["endpoint_pod_names"]:
                    zone = zone with { EndpointPodNames = true };
                    break;
                case ["fallthrough", ..]:
                    break;
                default:
                    settings = Problem(settings, "kubernetes: " + string.Join(' ', line.Words));
                    break;
            }
        }

        return settings with { Zone = zone };
    }

    private static DnsSettings Hosts(DnsSettings settings, Directive directive)
    {
        foreach (var line in directive.Block)
        {
            if (IPAddress.TryParse(line.Name, out var address))
            {
                foreach (var word in line.Words.Skip(1))
                {
                    if (DnsName.TryParse(word, out var name))
                    {
                        settings = settings with { Hosts = settings.Hosts.SetItem(name.Key, settings.Hosts.GetValueOrDefault(name.Key, []).Add(address)) };
                    }
                }
            }
            else if (line.Name == "ttl" && line.Words.Count > 1 && uint.TryParse(line.Words[1], out var ttl))
            {
                settings = settings with { HostsTtl = ttl };
            }
            else if (line.Name is not ("fallthrough" or "reload" or "no_reverse"))
            {
                settings = Problem(settings, "hosts: " + string.Join(' ', line.Words));
            }
        }

        return settings;
    }

    private static DnsSettings Rewrite(DnsSettings settings, Directive directive)
    {
        var words = directive.Words.Skip(1).Where(w => w is not ("stop" or "continue" or "exact")).ToList();
        return words is ["name", var from, var to] && DnsName.TryParse(from, out var source) && DnsName.TryParse(to, out var target)
            ? settings with { Rewrites = settings.Rewrites.SetItem(source.Key, target) }
            : Problem(settings, string.Join(' ', directive.Words));
    }

    private static DnsSettings Problem(DnsSettings settings, string text) => settings with { Problems = settings.Problems.Add(text) };
}
