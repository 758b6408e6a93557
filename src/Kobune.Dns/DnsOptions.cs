using System.Net;
using Kobune.Client;

namespace Kobune.Dns;

/// <summary>Settings of the cluster's DNS server.</summary>
public sealed record DnsOptions
{
    /// <summary>Where UDP and TCP are served; a port of 0 lets the system choose (then one for UDP and another for TCP).</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>The cluster domain, without a final dot.</summary>
    public string Domain { get; init; } = "cluster.local";

    /// <summary>Servers for all other names, see <see cref="Forwarding.ResolvConf"/>. With none, such names get SERVFAIL.</summary>
    public IReadOnlyList<IPEndPoint> Upstream { get; init; } = [];

    /// <summary>The ConfigMap whose key Corefile names stub domains, other servers and fixed hosts (kube-system/coredns); null for none.</summary>
    public ObjectKey? ConfigMap { get; init; }
}
