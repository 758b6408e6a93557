using Kobune.Api.Core.V1;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

internal static partial class RoutePlan
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    // What stands behind a URL: the node itself, a Service's address, a pod, or a name that an Ingress serves.
    private static PathRoute OfUrl(PathRoute route, ClusterSnapshot snapshot)
    {
        var target = route.Target;
        route = route with { Host = target.Address is null ? target.Host : "", HttpPath = target.Path, Tls = target.Tls };
        if (target.Address is null)
        {
            return ServiceName(target.Host) is var (ns, name) ? OfInternalName(route, ns, name, snapshot) : OfIngress(route, snapshot);
        }

        if (target.Host == route.MachineAddress || snapshot.Nodes.Any(n => n.Status.Addresses.Any(a => a.Type == "InternalIP" && a.Address == target.Host)))
        {
            return target.Port is HttpPort or HttpsPort ? OfIngress(route, snapshot) : OfNodePort(route, snapshot);
        }

        if (snapshot.Services.FirstOrDefault(s => s.Spec.ClusterIPs.Contains(target.Host) && Entry(s) is not EntryKind.LoadBalancer) is { } inside)
        {
            return OfAddress(route, EntryKind.ClusterIP, inside, snapshot);
        }

        if (snapshot.Services.FirstOrDefault(s => s.Status.LoadBalancer.Ingress.Any(i => i.IP == target.Host) || s.Spec.ExternalIPs.Contains(target.Host)) is { } balanced)
        {
            return OfAddress(route, EntryKind.LoadBalancer, balanced, snapshot);
        }

        if (snapshot.Pods.FirstOrDefault(p => !p.Spec.HostNetwork && p.Status.PodIPs.Any(i => i.IP == target.Host)) is { } pod)
        {
            return OfPod(route with { Entry = EntryKind.Pod, EntryAddress = target.Host, EntryPort = target.Port }, pod, snapshot);
        }

        return With(route with { Stations = [HopKind.Pc] }, new("UnknownAddress", HopKind.Pc, new(Message.PathUnknownAddress, target.Host), new(Message.PathUnknownAddressMend)));

        EntryKind Entry(Service s) => s.Status.LoadBalancer.Ingress.Any(i => i.IP == target.Host) ? EntryKind.LoadBalancer : EntryKind.ClusterIP;
    }

    private static PathRoute OfAddress(PathRoute route, EntryKind entry, Service service, ClusterSnapshot snapshot)
    {
        route = route with { Entry = entry, EntryAddress = route.Target.Host, EntryPort = route.Target.Port };
        return OfService(route, service, service.Spec.Ports.FirstOrDefault(p => p.Port == route.Target.Port), snapshot);
    }

    private static PathRoute OfInternalName(PathRoute route, string ns, string name, ClusterSnapshot snapshot)
    {
        route = route with { Stations = [HopKind.Pc, HopKind.Resolver, .. ToService[1..]] };
        return snapshot.Service(ns, name) is { } service
            ? OfService(route with { Entry = EntryKind.ClusterIP, EntryAddress = (route with { Service = service }).ServiceAddress, EntryPort = route.Target.Port }, service, service.Spec.Ports.FirstOrDefault(p => p.Port == route.Target.Port), snapshot)
            : With(route, MissingService(snapshot, ns, name));
    }

    private static PathRoute OfNodePort(PathRoute route, ClusterSnapshot snapshot)
    {
        var number = route.Target.Port;
        route = route with { Entry = EntryKind.NodePort, EntryAddress = route.Target.Host, EntryPort = number };
        foreach (var service in snapshot.Services)
        {
            if (service.Spec.Ports.FirstOrDefault(p => p.NodePort == number) is { } port)
            {
                return OfService(route, service, port, snapshot);
            }
        }

        var known = snapshot.Services.SelectMany(s => s.Spec.Ports.Where(p => p.NodePort > 0).Select(p => $"{s.Metadata.Namespace}/{s.Metadata.Name} {p.NodePort}")).ToList();
        var list = known.Count == 0 ? "-" : string.Join(", ", known);
        return With(route, number is < FirstNodePort or > LastNodePort
            ? new("NodePortOutOfRange", HopKind.Service, new(Message.PathNodePortRange, number, FirstNodePort, LastNodePort), new(Message.PathNodePortMend, list))
            : new("NodePortUnknown", HopKind.Service, new(Message.PathNodePortUnknown, number), new(Message.PathNodePortMend, list)));
    }

    // "hello.default.svc.cluster.local" and its shorter form with svc.
    private static (string Namespace, string Name)? ServiceName(string host) =>
        host.Split('.') is [var name, var ns, "svc", ..] ? (ns, name) : null;
}
