using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.Proxy.Services;

/// <summary>
/// Which endpoints take traffic, as pkg/proxy/topology.go: the ready ones, of these the near ones when every one of them carries a hint and one
/// is meant for this node or zone; when there is none, those that end but still serve (so that the last pods of a rollout are not cut off).
/// </summary>
internal static class EndpointChoice
{
    private sealed record Candidate(EndpointModel Model, Endpoint Endpoint);

    /// <summary>All usable endpoints of a Service port, sorted by address; local ones alone when asked (hints do not count there).</summary>
    public static List<EndpointModel> Choose(ServicePort port, IEnumerable<EndpointSlice> slices, AddressFamily family, NodePlace place, bool localOnly)
    {
        SortedDictionary<(string, int), Candidate> ready = [], ending = [];
        foreach (var slice in slices)
        {
            if (slice.AddressType != (family == AddressFamily.InterNetwork ? "IPv4" : "IPv6") || PortOf(slice, port) is not { } number)
            {
                continue;
            }

            foreach (var endpoint in slice.Endpoints)
            {
                var local = endpoint.NodeName is { } node && node == place.Name;
                if ((localOnly && !local) || endpoint.Addresses.Count == 0 || !IPAddress.TryParse(endpoint.Addresses[0], out var address))
                {
                    continue;
                }

                var conditions = endpoint.Conditions;
                var chosen = IsReady(endpoint) ? ready : (conditions.Serving ?? IsReady(endpoint)) && (conditions.Terminating ?? false) ? ending : null;
                if (chosen is not null)
                {
                    chosen[(address.ToString(), number)] = new(new(address, number, local), endpoint);
                }
            }
        }

        var usable = ready.Count > 0 ? ready : ending;
        var near = localOnly || ready.Count == 0 ? null : NearTest([.. ready.Values], place);
        return [.. usable.Values.Where(c => near is null || near(c.Endpoint)).Select(c => c.Model)];
    }

    /// <summary>Addresses of the ready endpoints on this node, whatever their ports.</summary>
    public static List<string> LocalReady(IEnumerable<EndpointSlice> slices, NodePlace place) =>
        [.. slices.SelectMany(s => s.Endpoints).Where(e => e.NodeName == place.Name && IsReady(e) && e.Addresses.Count > 0).Select(e => e.Addresses[0]).Distinct()];

    /// <summary>What makes an endpoint near; null when hints are missing or none leads here, so that all are used.</summary>
    private static Predicate<Endpoint>? NearTest(IReadOnlyList<Candidate> ready, NodePlace place)
    {
        Predicate<Endpoint> forNode = e => e.Hints?.ForNodes.Any(n => n.Name == place.Name) ?? false;
        Predicate<Endpoint> forZone = e => e.Hints?.ForZones.Any(z => z.Name == place.Zone) ?? false;
        if (ready.All(c => c.Endpoint.Hints is { ForNodes.Count: > 0 }) && ready.Any(c => forNode(c.Endpoint)))
        {
            return forNode;
        }

        return place.Zone.Length > 0 && ready.All(c => c.Endpoint.Hints is { ForZones.Count: > 0 }) && ready.Any(c => forZone(c.Endpoint)) ? forZone : null;
    }

    private static bool IsReady(Endpoint endpoint) => endpoint.Conditions.Ready ?? true;

    private static int? PortOf(EndpointSlice slice, ServicePort port) =>
        slice.Ports.FirstOrDefault(p => (p.Name ?? "") == port.Name && (p.Protocol ?? "TCP") == Protocol(port))?.Port;

    private static string Protocol(ServicePort port) => port.Protocol.Length == 0 ? "TCP" : port.Protocol;
}
