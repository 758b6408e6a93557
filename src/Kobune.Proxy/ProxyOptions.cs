using System.Net;

namespace Kobune.Proxy;

/// <summary>Settings of the service proxy on one node.</summary>
public sealed record ProxyOptions
{
    /// <summary>The node's name: its endpoints are local.</summary>
    public required string NodeName { get; init; }

    /// <summary>How Services become real.</summary>
    public ProxyMode Mode { get; init; }

    /// <summary>Port of the health server on all addresses (upstream's 10256); 0 for none.</summary>
    public int HealthPort { get; init; }

    /// <summary>Port of metrics on loopback (upstream's 10249); 0 for none.</summary>
    public int MetricsPort { get; init; }

    /// <summary>Addresses that node ports are served on, beside those of the Node object.</summary>
    public IReadOnlyList<IPAddress> NodeIPs { get; init; } = [];

    /// <summary>Ranges whose addresses of the node serve node ports ("192.168.49.0/24"); empty = all of them (--nodeport-addresses).</summary>
    public IReadOnlyList<string> NodePortAddresses { get; init; } = [];

    /// <summary>The cluster's pod ranges ("10.244.0.0/16"): senders outside of them are masqueraded when they use a cluster IP.</summary>
    public IReadOnlyList<string> ClusterCIDRs { get; init; } = [];

    /// <summary>Whether node ports answer on 127.0.0.1 too (upstream: --iptables-localhost-nodeports). Sets route_localnet.</summary>
    public bool LocalhostNodePorts { get; init; } = true;

    /// <summary>Least time between two transactions; the first change after a pause is applied at once.</summary>
    public TimeSpan MinSyncPeriod { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After this much quiet it is looked whether the table is still there: a firewall that reloads flushes the rules of all.</summary>
    public TimeSpan GuardPeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Put before `nft` and `conntrack`, for instance ["ip", "netns", "exec", "x"]; empty to run them as they are.</summary>
    public IReadOnlyList<string> CommandPrefix { get; init; } = [];
}
