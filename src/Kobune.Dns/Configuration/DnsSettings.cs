using System.Collections.Immutable;
using System.Net;
using Kobune.Dns.Forwarding;
using Kobune.Dns.Wire;
using Kobune.Dns.Zones;

namespace Kobune.Dns.Configuration;

/// <summary>What the Corefile of the ConfigMap kube-system/coredns says. Immutable.</summary>
internal sealed record DnsSettings
{
    /// <summary>Without a Corefile: everything is asked of the node's servers.</summary>
    public static DnsSettings Default { get; } = new();

    /// <summary>Servers by domain ("" for all others, else lower case without a final dot); null stands for the node's own servers.</summary>
    public ImmutableDictionary<string, IReadOnlyList<IPEndPoint>?> Forward { get; init; } = ImmutableDictionary<string, IReadOnlyList<IPEndPoint>?>.Empty;

    /// <summary>Addresses by name, as a hosts file has them.</summary>
    public ImmutableDictionary<string, ImmutableList<IPAddress>> Hosts { get; init; } = ImmutableDictionary<string, ImmutableList<IPAddress>>.Empty;

    /// <summary>The cluster's own names.</summary>
    public ZoneSettings Zone { get; init; } = ZoneSettings.Default;

    /// <summary>How long upstream answers are kept, by domain as in <see cref="Forward"/>.</summary>
    public ImmutableDictionary<string, CacheLimits> Cache { get; init; } = ImmutableDictionary<string, CacheLimits>.Empty.Add("", CacheLimits.Kubeadm);

    public uint HostsTtl { get; init; } = 3600;

    /// <summary>Names that are asked under another name.</summary>
    public ImmutableDictionary<string, DnsName> Rewrites { get; init; } = ImmutableDictionary<string, DnsName>.Empty;

    /// <summary>What is not understood, for the log.</summary>
    public ImmutableList<string> Problems { get; init; } = [];

    /// <summary>The limits of the longest domain that a name lies in.</summary>
    public CacheLimits CacheOf(DnsName name) =>
        Cache.Where(c => name.IsWithin(c.Key)).OrderByDescending(c => c.Key.Length).Select(c => c.Value).FirstOrDefault() ?? CacheLimits.None;
}
