using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.Proxy.Services;

/// <summary>
/// Which endpoints take traffic, as pkg/proxy/topology.go: the ready ones; when there is none, those that end but still serve
/// (so that the last pods of a rollout are not cut off).
/// </summary>
internal static class EndpointChoice
{
    /// <summary>All usable endpoints of a Service port, sorted by address; local ones alone when asked.</summary>
    public static List<EndpointModel> Choose(ServicePort port, IEnumerable<EndpointSlice> slices, AddressFamily family, string nodeName, bool localOnly)
    {
        SortedDictionary<(string, int), EndpointModel> ready = [], ending = [];
        foreach (var slice in slices)
        {
            if (slice.AddressType != (family == AddressFamily.InterNetwork ? "IPv4" : "IPv6") || PortOf(slice, port) is not { } number)
            {
                continue;
            }

            foreach (var endpoint in slice.Endpoints)
            {
                var local = endpoint.NodeName is { } node && node == nodeName;
                if ((localOnly && !local) || endpoint.Addresses.Count == 0 || !IPAddress.TryParse(endpoint.Addresses[0], out var address))
                {
                    continue;
                }

                var conditions = endpoint.Conditions;
                var isReady = conditions.Ready ?? true;
                var chosen = isReady ? ready : (conditions.Serving ?? isReady) && (conditions.Terminating ?? false) ? ending : null;
                if (chosen is not null)
                {
                    chosen[(address.ToString(), number)] = new(address, number, local);
                }
            }
        }

        return [.. (ready.Count > 0 ? ready : ending).Values];
    }

    private static int? PortOf(EndpointSlice slice, ServicePort port) =>
        slice.Ports.FirstOrDefault(p => (p.Name ?? "") == port.Name && (p.Protocol ?? "TCP") == Protocol(port))?.Port;

    private static string Protocol(ServicePort port) => port.Protocol.Length == 0 ? "TCP" : port.Protocol;
}
