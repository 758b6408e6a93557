using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

/// <summary>From a target and what the API says to the way that a packet takes. Pure: nothing is sent yet.</summary>
internal static partial class RoutePlan
{
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;
    private static readonly HopKind[] ToService = [HopKind.Pc, HopKind.Machine, HopKind.Service, HopKind.EndpointSlice, HopKind.Pod, HopKind.ContainerPort];
    private static readonly HopKind[] ToPod = [HopKind.Pc, HopKind.Machine, HopKind.Pod, HopKind.ContainerPort];

    /// <summary>The ways to a target, one for each of IP's families that lead there.</summary>
    public static IReadOnlyList<PathRoute> Ways(PathTarget target, PathCluster cluster, ClusterSnapshot snapshot)
    {
        var families = FamiliesTo(target, snapshot);
        return [.. families.Select(f => Of(new() { Target = target, Cluster = cluster, Stations = ToService, Family = f, Families = families }, snapshot))];
    }

    // The controller's own word says by which addresses an Ingress is reached.
    private static IReadOnlyList<AddressFamily> FamiliesTo(PathTarget target, ClusterSnapshot snapshot)
    {
        IReadOnlyList<AddressFamily>? found = target switch
        {
            { Address: { } address } => [address.AddressFamily],
            { Kind: TargetKind.Pod } => AddressFamilies.Of(snapshot.Pod(target.Namespace, target.Name)?.Status.PodIPs.Select(i => i.IP) ?? []),
            { Kind: TargetKind.Ingress } or { Kind: TargetKind.Url } when ServiceName(target.Host) is null =>
                AddressFamilies.Of(IngressOf(target, snapshot)?.Status.LoadBalancer.Ingress.Select(i => i.IP) ?? []),
            { Kind: TargetKind.Url } when ServiceName(target.Host) is var (ns, name) => snapshot.Service(ns, name) is { } inside ? AddressFamilies.Of(inside) : null,
            _ => snapshot.Service(target.Namespace, target.Name) is { } service ? AddressFamilies.Of(service) : null,
        };
        return found is { Count: > 0 } ? found : [AddressFamily.InterNetwork];
    }

    private static PathRoute Of(PathRoute route, ClusterSnapshot snapshot)
    {
        var target = route.Target;
        return target.Kind switch
        {
            TargetKind.Pod => OfPod(route, snapshot.Pod(target.Namespace, target.Name), snapshot),
            TargetKind.Ingress => OfIngress(route, snapshot),
            TargetKind.Url => OfUrl(route, snapshot),
            _ => OfServiceName(route, snapshot),
        };
    }

    private static PathRoute OfServiceName(PathRoute route, ClusterSnapshot snapshot)
    {
        var target = route.Target;
        return snapshot.Service(target.Namespace, target.Name) is { } service
            ? OfService(route, service, PortOf(service, target), snapshot)
            : With(route, MissingService(snapshot, target.Namespace, target.Name));
    }

    private static ServicePort? PortOf(Service service, PathTarget target) => target switch
    {
        { PortName.Length: > 0 } => service.Spec.Ports.FirstOrDefault(p => p.Name == target.PortName),
        { Port: > 0 } => service.Spec.Ports.FirstOrDefault(p => p.Port == target.Port || p.NodePort == target.Port),
        _ => service.Spec.Ports is [var first, ..] ? first : null,
    };

    private static Fault MissingService(ClusterSnapshot snapshot, string ns, string name)
    {
        if (snapshot.Services.FirstOrDefault(s => s.Metadata.Name == name) is { } elsewhere)
        {
            var other = elsewhere.Metadata.Namespace;
            return new("ServiceInAnotherNamespace", HopKind.Service, new(Message.PathServiceElsewhere, name, ns, other), new(Message.PathServiceElsewhereMend, other, name));
        }

        var near = NearMiss.Of(name, snapshot.Services.Where(s => s.Metadata.Namespace == ns).Select(s => s.Metadata.Name));
        return near is null
            ? new("ServiceMissing", HopKind.Service, new(Message.PathServiceMissing, name, ns), new(Message.PathServiceMissingMend, name))
            : new("ServiceMissing", HopKind.Service, new(Message.PathServiceMissing, name, ns), new(Message.PathDidYouMean, near));
    }

    /// <summary>The way through a Service, from its entry on.</summary>
    private static PathRoute OfService(PathRoute route, Service service, ServicePort? port, ClusterSnapshot snapshot)
    {
        route = route with { Service = service, Port = port };
        if (service.Spec.Type == "ExternalName")
        {
            return With(route, new("ExternalName", HopKind.Service, new(Message.PathExternalName, service.Metadata.Name, service.Spec.ExternalName), new(Message.PathExternalNameMend, service.Spec.ExternalName)));
        }

        if (port is null)
        {
            var known = string.Join(", ", service.Spec.Ports.Select(p => p.Name.Length == 0 ? $"{p.Port}" : $"{p.Name}/{p.Port}"));
            return With(route, new("ServicePortMissing", HopKind.Service, new(Message.PathServicePortMissing, service.Metadata.Name, route.Target.PortName + (route.Target.Port == 0 ? "" : $"{route.Target.Port}"), known), new(Message.PathServicePortMend, known)));
        }

        route = route.Entry == EntryKind.None ? WithEntry(route, service, port) : route;
        route = route with { Pods = PodsBehind(service, port, snapshot) };
        if (OutsideOf(route, port, snapshot) is { Count: > 0 } outside)
        {
            route = route with { Outside = outside, Stations = route.Pods.Count > 0 ? route.Stations : [.. route.Stations.Where(s => s is not (HopKind.Pod or HopKind.ContainerPort))] };
        }

        return BackendFaults(route, service, port, snapshot) is { } fault ? With(route, fault) : route;
    }

    // The way in that a user of this kind of Service would take.
    private static PathRoute WithEntry(PathRoute route, Service service, ServicePort port)
    {
        if (service.Spec.Type == "LoadBalancer")
        {
            var given = service.Status.LoadBalancer.Ingress.Select(i => i.IP).Where(i => i.Length > 0).ToList();
            return AddressFamilies.Pick(given, route.Family) is { } address
                ? route with { Entry = EntryKind.LoadBalancer, EntryAddress = address, EntryPort = port.Port }
                : given.Count > 0 ? route : With(route, new("NoTunnel", HopKind.Service, new(Message.PathNoTunnel, service.Metadata.Name), new(Message.PathTunnelMend)));
        }

        if (port.NodePort > 0)
        {
            return route with { Entry = EntryKind.NodePort, EntryAddress = route.MachineAddress, EntryPort = port.NodePort };
        }

        return route.ServiceAddress is "" or "None" ? route : route with { Entry = EntryKind.ClusterIP, EntryAddress = route.ServiceAddress, EntryPort = port.Port };
    }

    private static PathRoute OfPod(PathRoute route, Pod? pod, ClusterSnapshot snapshot)
    {
        route = route with { Stations = ToPod };
        if (pod is null)
        {
            var (ns, name) = (route.Target.Namespace, route.Target.Name);
            var elsewhere = snapshot.Pods.FirstOrDefault(p => p.Metadata.Name == name)?.Metadata.Namespace;
            return With(route, elsewhere is null
                ? new("PodMissing", HopKind.Pod, new(Message.PathPodMissing, name, ns), new(Message.PathPodMissingMend, ns))
                : new("PodInAnotherNamespace", HopKind.Pod, new(Message.PathPodMissing, name, ns), new(Message.PathServiceElsewhereMend, elsewhere, "pod/" + name)));
        }

        var target = route.Target;
        var ports = pod.Spec.Containers.SelectMany(c => c.Ports).ToList();
        var port = target.Port > 0 ? target.Port : (target.PortName.Length > 0 ? ports.FirstOrDefault(p => p.Name == target.PortName) : ports.FirstOrDefault())?.ContainerPortValue ?? 0;
        return route with { Pods = [new(pod, port, PodHealth.IsReady(pod))] };
    }

    private static PathRoute With(PathRoute route, Fault fault) => route with { Faults = [.. route.Faults, fault] };
}
