using System.Net;
using Kobune.Api.Core.V1;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

internal static partial class RoutePlan
{
    private static IReadOnlyList<PodPort> PodsBehind(Service service, ServicePort port, ClusterSnapshot snapshot)
    {
        if (service.Spec.Selector.Count > 0)
        {
            return [.. snapshot.PodsOf(service).Where(p => p.Metadata.DeletionTimestamp is null).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Select(p => new PodPort(p, NumberOf(port, p), PodHealth.IsReady(p)))];
        }

        return
        [
            .. from slice in snapshot.SlicesOf(service)
               from endpoint in slice.Endpoints
               let target = endpoint.TargetRef
               where target is { Kind: "Pod" }
               let pod = snapshot.Pod(slice.Metadata.Namespace, target.Name)
               where pod is not null
               let number = slice.Ports.FirstOrDefault(p => (p.Name ?? "") == port.Name)?.Port ?? 0
               select new PodPort(pod, number, endpoint.Conditions.Ready ?? true),
        ];
    }

    // Of hand-written slices: what stands behind them is no pod of this cluster.
    private static IReadOnlyList<IPEndPoint> OutsideOf(PathRoute route, ServicePort port, ClusterSnapshot snapshot) => route.Service!.Spec.Selector.Count > 0 ? [] :
    [
        .. from slice in snapshot.SlicesOf(route.Service)
           where AddressFamilies.Named(slice.AddressType) == route.InnerFamily
           from endpoint in slice.Endpoints
           where endpoint.TargetRef is not { Kind: "Pod" } && (endpoint.Conditions.Ready ?? true)
           let number = slice.Ports.FirstOrDefault(p => (p.Name ?? "") == port.Name)?.Port ?? 0
           where number > 0
           from address in endpoint.Addresses
           where IPAddress.TryParse(address, out _)
           select new IPEndPoint(IPAddress.Parse(address), number),
    ];

    // A named target port is a container's own name for it; it may differ from pod to pod.
    private static int NumberOf(ServicePort port, Pod pod)
    {
        if (!port.TargetPort.IsString)
        {
            return port.TargetPort.IntValue == 0 ? port.Port : port.TargetPort.IntValue;
        }

        return pod.Spec.Containers.SelectMany(c => c.Ports).FirstOrDefault(p => p.Name == port.TargetPort.StringValue)?.ContainerPortValue ?? 0;
    }

    // What the Service's own words make impossible.
    private static Fault? BackendFaults(PathRoute route, Service service, ServicePort port, ClusterSnapshot snapshot)
    {
        var name = service.Metadata.Name;
        if (service.Spec.Selector.Count == 0)
        {
            return snapshot.SlicesOf(service).Any(s => s.Endpoints.Count > 0)
                ? null
                : new("NoSelectorNoEndpoints", HopKind.EndpointSlice, new(Message.PathNoSelectorNoEndpoints, name), new(Message.PathNoSelectorMend, name));
        }

        if (route.Pods.Count == 0)
        {
            return SelectorFault(service, snapshot);
        }

        if (port.TargetPort.IsString && route.Pods.All(p => p.Port == 0))
        {
            var names = route.Pods[0].Pod.Spec.Containers.SelectMany(c => c.Ports).Select(p => p.Name).Where(n => n.Length > 0).ToList();
            var wanted = port.TargetPort.StringValue;
            var mend = NearMiss.Of(wanted, names) ?? names.FirstOrDefault();
            return new(
                "UnknownNamedPort",
                HopKind.Service,
                new(Message.PathUnknownNamedPort, name, wanted, route.Pods[0].Pod.Metadata.Name, names.Count == 0 ? "-" : string.Join(", ", names)),
                mend is null ? new(Message.PathNamePortMend, wanted) : new(Message.PathTargetPortMend, name, mend));
        }

        return null;
    }

    private static Fault SelectorFault(Service service, ClusterSnapshot snapshot)
    {
        var (ns, name) = (service.Metadata.Namespace, service.Metadata.Name);
        var selector = LabelsOf(service.Spec.Selector);
        var pods = snapshot.Pods.Where(p => p.Metadata.Namespace == ns && p.Metadata.DeletionTimestamp is null).ToList();

        // A pod that has all labels but for small differences in some values or keys is what was meant.
        foreach (var pod in pods)
        {
            var meant = new Dictionary<string, string>();
            foreach (var (key, value) in service.Spec.Selector)
            {
                var labels = pod.Metadata.Labels;
                if (labels.TryGetValue(key, out var have))
                {
                    meant[key] = have == value || NearMiss.Of(value, [have]) is not null ? have : "";
                }
                else if (NearMiss.Of(key, labels.Keys) is { } otherKey)
                {
                    meant[otherKey] = labels[otherKey] == value || NearMiss.Of(value, [labels[otherKey]]) is not null ? labels[otherKey] : "";
                }
            }

            if (meant.Count == service.Spec.Selector.Count && meant.Values.All(v => v.Length > 0))
            {
                return new("LabelTypo", HopKind.Service, new(Message.PathLabelTypo, name, selector, pod.Metadata.Name, LabelsOf(meant)), new(Message.PathSelectorMend, name, LabelsOf(meant), ns));
            }
        }

        var elsewhere = snapshot.Pods.FirstOrDefault(p => p.Metadata.Namespace != ns && service.Spec.Selector.All(l => p.Metadata.Labels.TryGetValue(l.Key, out var v) && v == l.Value));
        return elsewhere is null
            ? new("SelectorMatchesNothing", HopKind.Service, new(Message.PathSelectorNothing, name, selector, ns), new(Message.PathSelectorNothingMend, ns, selector))
            : new("SelectorMatchesElsewhere", HopKind.Service, new(Message.PathSelectorElsewhere, name, selector, ns, elsewhere.Metadata.Namespace), new(Message.PathSelectorElsewhereMend, name, elsewhere.Metadata.Namespace));
    }

    private static string LabelsOf(IEnumerable<KeyValuePair<string, string>> labels) => string.Join(',', labels.Select(l => $"{l.Key}={l.Value}"));
}
