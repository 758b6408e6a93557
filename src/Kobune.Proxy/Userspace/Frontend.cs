using System.Net;
using System.Net.Sockets;
using Kobune.Proxy.Services;

namespace Kobune.Proxy.Userspace;

/// <summary>An address that a Service answers on.</summary>
internal readonly record struct FrontendKey(string Protocol, IPEndPoint Endpoint);

/// <summary>A frontend and who stands behind it.</summary>
internal sealed record Frontend(FrontendKey Key, IReadOnlyList<IPEndPoint> Targets, TimeSpan Affinity, bool Owned)
{
    /// <summary>Networks whose clients are served; all when empty.</summary>
    public IReadOnlyList<IPNetwork> Admitted { get; init; } = [];

    /// <summary>
    /// All frontends of a Service. <see cref="Owned"/> marks addresses that no machine has (cluster IPs, external ones) and that the node must take.
    /// A frontend without endpoints is left out: nobody listens there, so the kernel refuses connections at once.
    /// </summary>
    public static IEnumerable<Frontend> Of(IReadOnlyList<ServicePortModel> ports, IReadOnlyList<IPAddress> nodePortIPs, IReadOnlyList<string> clusterCIDRs)
    {
        foreach (var port in ports)
        {
            var affinity = TimeSpan.FromSeconds(port.AffinitySeconds);
            var outside = port.ExternalLocal ? port.Local : port.Cluster;
            IReadOnlyList<IPNetwork> ranges = [.. port.SourceRanges.Select(r => IPNetwork.Parse(r))];
            yield return Make(port, port.ClusterIP, port.Port, port.InternalLocal ? port.Local : port.Cluster, affinity, owned: true) with
            {
                Admitted = ranges.Count > 0 && port.LoadBalancerIPs.Contains(port.ClusterIP) ? [.. ranges, .. Inside(port.ClusterIP, nodePortIPs, clusterCIDRs)] : [],
            };
            foreach (var address in port.ExternalIPs.Concat(port.LoadBalancerIPs).Where(a => !a.Equals(port.ClusterIP)).Distinct())
            {
                yield return Make(port, address, port.Port, outside, affinity, owned: !nodePortIPs.Contains(address)) with
                {
                    Admitted = port.LoadBalancerIPs.Contains(address) ? ranges : [],
                };
            }

            foreach (var address in port.NodePort > 0 ? nodePortIPs : [])
            {
                yield return Make(port, address, port.NodePort, outside, affinity, owned: false);
            }
        }
    }

    /// <summary>
    /// Who uses a cluster IP as such, where the load balancer has the same address: pods, and this node under one of its own addresses (or under that
    /// of the Service, which the kernel takes as the sender's for a local route).
    /// </summary>
    private static IEnumerable<IPNetwork> Inside(IPAddress clusterIP, IReadOnlyList<IPAddress> nodePortIPs, IReadOnlyList<string> clusterCIDRs) =>
    [
        .. clusterCIDRs.Select(c => IPNetwork.Parse(c)),
        .. nodePortIPs.Append(clusterIP).Append(clusterIP.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback).Select(a => new IPNetwork(a, a.GetAddressBytes().Length * 8)),
    ];

    private static Frontend Make(ServicePortModel port, IPAddress address, int number, IReadOnlyList<EndpointModel> endpoints, TimeSpan affinity, bool owned) =>
        new(new(port.Protocol, new(address, number)), [.. endpoints.Select(e => new IPEndPoint(e.Address, e.Port))], affinity, owned);
}
