using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.Proxy.VirtualAddresses;

/// <summary>
/// Which node answers for a load balancer's address that came from a range (MetalLB calls it layer 2): one of those that have ready endpoints, chosen by
/// a hash, so that all nodes come to the same choice without asking each other.
/// </summary>
internal static class AddressKeeper
{
    private const string Condition = "kobune.dev/LoadBalancerAddress";
    private const string FromRange = "AddressPool";

    /// <summary>The addresses of a Service that this node keeps.</summary>
    public static IReadOnlyList<IPAddress> Kept(Service? service, IEnumerable<EndpointSlice> slices, string nodeName)
    {
        if (service is null || !service.Status.Conditions.Any(c => c is { Type: Condition, Reason: FromRange }))
        {
            return [];
        }

        var nodes = slices.SelectMany(s => s.Endpoints).Where(e => e.Conditions.Ready ?? true).Select(e => e.NodeName).OfType<string>().Distinct();
        var keeper = nodes.MinBy(n => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{n}#{service.Metadata.Namespace}/{service.Metadata.Name}"))), StringComparer.Ordinal);
        return keeper == nodeName
            ? [.. service.Status.LoadBalancer.Ingress.Select(i => IPAddress.TryParse(i.IP, out var a) ? a : null).OfType<IPAddress>().Where(a => a.AddressFamily == AddressFamily.InterNetwork)]
            : [];
    }
}
