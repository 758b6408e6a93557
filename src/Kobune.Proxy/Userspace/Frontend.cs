using System.Net;
using Kobune.Proxy.Services;

namespace Kobune.Proxy.Userspace;

/// <summary>An address that a Service answers on.</summary>
internal readonly record struct FrontendKey(string Protocol, IPEndPoint Endpoint);

/// <summary>A frontend and who stands behind it.</summary>
internal sealed record Frontend(FrontendKey Key, IReadOnlyList<IPEndPoint> Targets, TimeSpan Affinity, bool Owned)
{
    /// <summary>
    /// All frontends of a Service. <see cref="Owned"/> marks addresses that no machine has (cluster IPs, external ones) and that the node must take.
    /// A frontend without endpoints is left out: nobody listens there, so the kernel refuses connections at once.
    /// </summary>
    public static IEnumerable<Frontend> Of(IReadOnlyList<ServicePortModel> ports, IReadOnlyList<IPAddress> nodePortIPs)
    {
        foreach (var port in ports)
        {
            var affinity = TimeSpan.FromSeconds(port.AffinitySeconds);
            var outside = port.ExternalLocal ? port.Local : port.Cluster;
            yield return Make(port, port.ClusterIP, port.Port, port.InternalLocal ? port.Local : port.Cluster, affinity, owned: true);
            foreach (var address in port.ExternalIPs.Concat(port.LoadBalancerIPs).Where(a => !a.Equals(port.ClusterIP)).Distinct())
            {
                yield return Make(port, address, port.Port, outside, affinity, owned: !nodePortIPs.Contains(address));
            }

            foreach (var address in port.NodePort > 0 ? nodePortIPs : [])
            {
                yield return Make(port, address, port.NodePort, outside, affinity, owned: false);
            }
        }
    }

    private static Frontend Make(ServicePortModel port, IPAddress address, int number, IReadOnlyList<EndpointModel> endpoints, TimeSpan affinity, bool owned) =>
        new(new(port.Protocol, new(address, number)), [.. endpoints.Select(e => new IPEndPoint(e.Address, e.Port))], affinity, owned);
}
