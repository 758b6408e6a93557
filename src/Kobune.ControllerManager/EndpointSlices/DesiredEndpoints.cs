using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Endpoints;
using Kobune.ControllerManager.EndpointSlices.Topology;
using Kobune.ControllerManager.Pods;
using SlicePort = Kobune.Api.Discovery.V1.EndpointPort;

namespace Kobune.ControllerManager.EndpointSlices;

/// <summary>Endpoints that share their ports.</summary>
internal sealed record EndpointGroup(IReadOnlyList<SlicePort> Ports, IReadOnlyList<Endpoint> Endpoints);

/// <summary>The endpoints of a Service in one address family, grouped by ports. Source: k8s.io/endpointslice, reconciler.go and utils.go.</summary>
internal static class DesiredEndpoints
{
    public static IReadOnlyList<EndpointGroup> Compute(Service service, IReadOnlyList<Pod> pods, Func<string, Node?> nodes, bool v6)
    {
        var groups = new Dictionary<string, (IReadOnlyList<SlicePort> Ports, List<Endpoint> Endpoints)>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => ServicePods.CanServe(p, includeTerminating: true)))
        {
            var addresses = ServicePods.Addresses(pod, v6).ToList();
            if (addresses.Count == 0)
            {
                continue;
            }

            var ports = Ports(service, pod);
            var key = Key(ports);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = (ports, []);
            }

            group.Endpoints.Add(Make(service, pod, nodes(pod.Spec.NodeName), addresses));
        }

        return [.. groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new EndpointGroup(g.Value.Ports, g.Value.Endpoints))];
    }

    /// <summary>Ports as text: slices with equal keys can share endpoints.</summary>
    public static string Key(IReadOnlyList<SlicePort> ports) =>
        string.Join(',', ports.Select(p => $"{p.Name}:{p.Port}:{p.Protocol}:{p.AppProtocol}").Order(StringComparer.Ordinal));

    private static List<SlicePort> Ports(Service service, Pod pod)
    {
        var ports = new List<SlicePort>();
        foreach (var port in service.Spec.Ports)
        {
            if (ServicePods.TargetPort(pod, port) is { } target)
            {
                ports.Add(new SlicePort { Name = port.Name, Port = target, Protocol = port.Protocol.Length == 0 ? Protocol.TCP : port.Protocol, AppProtocol = port.AppProtocol });
            }
        }

        return ports;
    }

    private static Endpoint Make(Service service, Pod pod, Node? node, List<string> addresses)
    {
        var serving = pod.IsReady();
        var terminating = pod.IsDeleting();
        var ready = service.Spec.PublishNotReadyAddresses || (serving && !terminating);
        var zone = node?.Metadata.Labels.GetValueOrDefault(ZoneShares.ZoneLabel);
        return new()
        {
            Addresses = addresses,
            Conditions = new EndpointConditions
            {
                Ready = ready,
                Serving = serving,
                Terminating = terminating,
            },
            Hostname = ServicePods.Hostname(service, pod),
            TargetRef = ServicePods.Reference(pod),
            NodeName = pod.Spec.NodeName.Length > 0 ? pod.Spec.NodeName : null,
            Zone = zone,
            Hints = ready && !TopologyMode.IsAuto(service) ? Hints(service.Spec.TrafficDistribution, zone, pod.Spec.NodeName) : null,
        };
    }

    /// <summary>trafficDistribution: an endpoint is meant for its own zone, or for its own node first. Source: k8s.io/endpointslice/trafficdist.</summary>
    private static EndpointHints? Hints(string? distribution, string? zone, string node)
    {
        IReadOnlyList<ForZone> zones = zone is { Length: > 0 } ? [new ForZone { Name = zone }] : [];
        var hints = distribution switch
        {
            "PreferClose" or "PreferSameZone" => new EndpointHints { ForZones = zones },
            "PreferSameNode" => new EndpointHints { ForZones = zones, ForNodes = node.Length > 0 ? [new ForNode { Name = node }] : [] },
            _ => null,
        };
        return hints is { ForZones.Count: 0, ForNodes.Count: 0 } ? null : hints;
    }
}
