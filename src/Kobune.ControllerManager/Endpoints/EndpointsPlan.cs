using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Endpoints;

/// <summary>The subsets of a legacy Endpoints object. Source: pkg/controller/endpoint and pkg/api/v1/endpoints, RepackSubsets.</summary>
internal sealed record EndpointsPlan(IReadOnlyList<EndpointSubset> Subsets, bool IsTruncated)
{
    /// <summary>The most addresses that one object carries.</summary>
    public const int MaxAddresses = 1000;

    private static readonly Comparer<EndpointPort> PortOrder = Comparer<EndpointPort>.Create((a, b) =>
        (a.Name, a.Port, a.Protocol).CompareTo((b.Name, b.Port, b.Protocol)));

    public static EndpointsPlan Compute(Service service, IReadOnlyList<Pod> pods)
    {
        var v6 = service.Spec.IPFamilies is [IPFamily.IPv6, ..];
        var endpoints = new List<(EndpointAddress Address, List<EndpointPort> Ports, bool Ready)>();
        foreach (var pod in pods.Where(p => ServicePods.CanServe(p, service.Spec.PublishNotReadyAddresses)))
        {
            if (ServicePods.Addresses(pod, v6).FirstOrDefault() is not { } ip)
            {
                continue;
            }

            var ports = Ports(service, pod);
            if (ports.Count == 0 && service.Spec.Ports.Count > 0)
            {
                continue; // it has none of the named ports
            }

            var address = new EndpointAddress { IP = ip, NodeName = pod.Spec.NodeName.Length > 0 ? pod.Spec.NodeName : null, Hostname = ServicePods.Hostname(service, pod) ?? "", TargetRef = ServicePods.Reference(pod) };
            endpoints.Add((address, ports, service.Spec.PublishNotReadyAddresses || pod.IsReady()));
        }

        return Truncate([.. endpoints
            .GroupBy(e => string.Join(',', e.Ports.Select(p => $"{p.Name}:{p.Port}:{p.Protocol}:{p.AppProtocol}")), StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new EndpointSubset
            {
                Addresses = Sorted(g.Where(e => e.Ready).Select(e => e.Address)),
                NotReadyAddresses = Sorted(g.Where(e => !e.Ready).Select(e => e.Address)),
                Ports = g.First().Ports,
            })]);
    }

    private static List<EndpointPort> Ports(Service service, Pod pod)
    {
        var ports = new List<EndpointPort>();
        foreach (var port in service.Spec.Ports)
        {
            if (ServicePods.TargetPort(pod, port) is { } target)
            {
                ports.Add(new EndpointPort { Name = port.Name, Port = target, Protocol = port.Protocol.Length == 0 ? Protocol.TCP : port.Protocol, AppProtocol = port.AppProtocol });
            }
        }

        ports.Sort(PortOrder);
        return ports;
    }

    private static List<EndpointAddress> Sorted(IEnumerable<EndpointAddress> addresses) =>
        [.. addresses.OrderBy(a => a.IP, StringComparer.Ordinal).ThenBy(a => a.TargetRef?.Uid, StringComparer.Ordinal)];

    /// <summary>Ready addresses are kept before others; of those that are too many every subset keeps its share, rounded up while there is room.</summary>
    private static EndpointsPlan Truncate(List<EndpointSubset> subsets)
    {
        var (ready, others) = (subsets.Sum(s => s.Addresses.Count), subsets.Sum(s => s.NotReadyAddresses.Count));
        if (ready + others <= MaxAddresses)
        {
            return new(subsets, false);
        }

        var cutsReady = ready > MaxAddresses;
        var (total, room) = cutsReady ? (ready, MaxAddresses) : (others, MaxAddresses - ready);
        var left = room;
        var kept = new List<EndpointSubset>(subsets.Count);
        foreach (var subset in subsets)
        {
            var addresses = cutsReady ? subset.Addresses : subset.NotReadyAddresses;
            var share = Math.Min(left, (int)(((long)addresses.Count * room + total - 1) / total));
            left -= share;
            kept.Add(cutsReady
                ? subset with { Addresses = [.. addresses.Take(share)], NotReadyAddresses = [] }
                : subset with { NotReadyAddresses = [.. addresses.Take(share)] });
        }

        return new(kept, true);
    }
}
