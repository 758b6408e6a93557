using System.Collections.Immutable;
using System.Net;
using Kobune.Dns.Wire;

namespace Kobune.Dns.Configuration;

/// <summary>What the Corefile of the ConfigMap kube-system/coredns says of names outside of the cluster. Immutable.</summary>
internal sealed record DnsSettings
{
    /// <summary>Without a Corefile: everything is asked of the node's servers.</summary>
    public static DnsSettings Default { get; } = new();

    /// <summary>Servers by domain ("" for all others, else lower case without a final dot); null stands for the node's own servers.</summary>
    public ImmutableDictionary<string, IReadOnlyList<IPEndPoint>?> Forward { get; init; } = ImmutableDictionary<string, IReadOnlyList<IPEndPoint>?>.Empty;

    /// <summary>Addresses by name, as a hosts file has them.</summary>
    public ImmutableDictionary<string, ImmutableList<IPAddress>> Hosts { get; init; } = ImmutableDictionary<string, ImmutableList<IPAddress>>.Empty;

    public uint HostsTtl { get; init; } = 3600;

    /// <summary>Names that are asked under another name.</summary>
    public ImmutableDictionary<string, DnsName> Rewrites { get; init; } = ImmutableDictionary<string, DnsName>.Empty;

    /// <summary>What is not understood, for the log.</summary>
    public ImmutableList<string> Problems { get; init; } = [];
}
