using System.Net;
using System.Net.Sockets;
using Kobune.Api.Schema;
using Kobune.Cli.Paths.Probes;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

internal static partial class PathJudge
{
    // What the process in the container listens on decides whether a packet to the port can be taken.
    private static Fault? PortFault(PathRoute route, PodPort pod, PathFindings findings)
    {
        if (pod.Port == 0)
        {
            return null;
        }

        var name = pod.Pod.Metadata.Name;
        var direct = findings.FromNode(PathProbes.PodId(pod));
        var (ip, refused) = (HostPort.Join(route.AddressOf(pod.Pod), pod.Port), direct is { Outcome: ProbeOutcome.Refused });
        if (findings.FromNode(PathProbes.ListenersId(pod)) is not { Outcome: ProbeOutcome.Connected } seen)
        {
            // Nobody could look at its sockets; its refusal (of UDP: "port unreachable") tells the same.
            return refused && pod.IsReady ? new("PortRefuses", HopKind.ContainerPort, new(Message.PathPortRefuses, name, ip), new(Message.PathNothingListensMend, name, pod.Port)) : null;
        }

        var sockets = seen.Listeners.Where(l => l.Protocol == route.Protocol).ToList();
        var here = sockets.Where(l => l.Port == pod.Port).ToList();
        var open = here.Where(l => !l.IsLoopback).ToList();
        if (open.Count > 0 || route.Protocol == "SCTP")
        {
            // A socket of "::" takes both families, or IPv6 alone: the packet tells.
            return refused && open.Count > 0 && !open.Any(l => FamilyOf(l) == route.InnerFamily)
                ? new("ListensOtherFamily", HopKind.ContainerPort, new(Message.PathOtherFamily, name, open[0].Address, ip), new(Message.PathOtherFamilyMend, name, pod.Port))
                : null;
        }

        if (here.Count > 0)
        {
            return new("ListensOnLoopback", HopKind.ContainerPort, new(Message.PathLoopback, name, here[0].Address, pod.Port), new(Message.PathLoopbackMend, pod.Port));
        }

        var others = sockets.Where(l => !l.IsLoopback).Select(l => l.Port).Distinct().Order().ToList();
        var declared = pod.Pod.Spec.Containers.SelectMany(c => c.Ports).Select(p => p.ContainerPortValue).ToList();
        var meant = others.FirstOrDefault(declared.Contains);
        if (route.Service is { } service && meant > 0 && !declared.Contains(pod.Port))
        {
            return new("WrongTargetPort", HopKind.Service, new(Message.PathWrongTargetPort, service.Metadata.Name, pod.Port, name, meant), new(Message.PathTargetPortMend, service.Metadata.Name, meant));
        }

        return others.Count > 0
            ? new("ListensElsewhere", HopKind.ContainerPort, new(Message.PathListensElsewhere, name, pod.Port, string.Join(", ", others)), new(Message.PathListensElsewhereMend, pod.Port, others[0]))
            : new("NothingListens", HopKind.ContainerPort, new(Message.PathNothingListens, name, pod.Port), new(Message.PathNothingListensMend, name, pod.Port));
    }

    private static AddressFamily FamilyOf(Listener listener) => IPAddress.Parse(listener.Address).AddressFamily;

    // Addresses without a pod have nothing else that could be looked at.
    private static Fault? OutsideFault(PathRoute route, PathFindings findings)
    {
        var seen = route.Outside.Select(o => (Endpoint: o, Result: findings.FromNode(PathProbes.OutsideId(o)))).Where(s => s.Result is not null).ToList();
        return seen.Count > 0 && seen.All(s => !s.Result!.Arrived)
            ? new("EndpointSilent", HopKind.EndpointSlice, new(Message.PathEndpointSilent, route.Service!.Metadata.Name, seen[0].Endpoint, Words(seen[0].Result!.Outcome)), new(Message.PathEndpointSilentMend))
            : null;
    }

    // The process listens for everybody, and still the node's packet does not reach it.
    private static Fault? NetworkFault(PathRoute route, PathFindings findings)
    {
        foreach (var pod in PathProbes.Candidates(route))
        {
            if (findings.FromNode(PathProbes.ListenersId(pod)) is { Outcome: ProbeOutcome.Connected } && findings.FromNode(PathProbes.PodId(pod)) is { Arrived: false } lost)
            {
                return new("PodNetwork", HopKind.Pod, new(Message.PathPodNetwork, pod.Pod.Metadata.Name, HostPort.Join(route.AddressOf(pod.Pod), pod.Port), Words(lost.Outcome)), new(Message.PathPodNetworkMend));
            }
        }

        return null;
    }

    // Ready pods that no slice names: the EndpointSlice controller lags or is stopped.
    private static Fault? StaleSlices(PathRoute route, ClusterSnapshot snapshot)
    {
        if (route.Service is not { Spec.Selector.Count: > 0 } service || !route.Pods.Any(p => p.IsReady))
        {
            return null;
        }

        var named = snapshot.SlicesOf(service).SelectMany(s => s.Endpoints).SelectMany(e => e.Addresses).ToHashSet();
        return route.Pods.FirstOrDefault(p => p.IsReady && route.AddressOf(p.Pod) is { Length: > 0 } address && !named.Contains(address)) is { } missing
            ? new("SliceStale", HopKind.EndpointSlice, new(Message.PathSliceStale, service.Metadata.Name, missing.Pod.Metadata.Name), new(Message.PathSliceStaleMend))
            : null;
    }

    // The pods answer when asked directly, but not through the Service.
    private static Fault? ServiceFault(PathRoute route, ClusterSnapshot snapshot, PathFindings findings)
    {
        if (route.Service is not { } service || route.Port is not { } port || !Backends(route).Any(id => findings.FromNode(id) is { Arrived: true }))
        {
            return null;
        }

        if (findings.FromNode(PathProbes.ClusterIP) is { Arrived: false } lost)
        {
            return new("ServiceProxy", HopKind.Service, new(Message.PathProxy, HostPort.Join(route.ServiceAddress, port.Port), Words(lost.Outcome)), new(Message.PathProxyMend));
        }

        if (findings.FromPc(PathProbes.Entry) is not { Arrived: false } entry || route.Entry == EntryKind.Ingress)
        {
            return null;
        }

        if (service.Spec.ExternalTrafficPolicy == "Local" && !route.Pods.Any(p => p.IsReady && p.Pod.Spec.NodeName == route.Cluster.Machine))
        {
            return new("NoLocalEndpoint", HopKind.Service, new(Message.PathNoLocal, service.Metadata.Name, route.Cluster.Machine), new(Message.PathNoLocalMend, service.Metadata.Name));
        }

        var at = HostPort.Join(route.EntryAddress, route.EntryPort);
        return findings.FromNode(PathProbes.NodePort) is { Arrived: false }
            ? new("ServiceProxy", HopKind.Service, new(Message.PathProxy, at, Words(entry.Outcome)), new(Message.PathProxyMend))
            : new("EntryBlocked", HopKind.Pc, new(Message.PathBlocked, at, Words(entry.Outcome)), new(Message.PathBlockedMend));
    }

    private static IEnumerable<string> Backends(PathRoute route) => PathProbes.Candidates(route).Select(PathProbes.PodId).Concat(route.Outside.Select(PathProbes.OutsideId));

    private static string SubjectOf(HopKind station, PathRoute route, ClusterSnapshot snapshot, PathFindings findings) => station switch
    {
        HopKind.Pc => Environment.MachineName,
        HopKind.Resolver => findings.Resolved is { Count: > 0 } found ? $"{route.Host} = {string.Join(", ", found)}" : route.Host,
        HopKind.Machine => $"{route.Cluster.Machine} {route.MachineAddress}",
        HopKind.IngressController => HostPort.Join(route.EntryAddress, route.EntryPort),
        HopKind.Ingress => route.Ingress is { } ingress ? $"{ingress.Metadata.Namespace}/{ingress.Metadata.Name} {route.Host}{route.HttpPath}" : route.Target.Text,
        HopKind.Service => route.Service is { } service ? ServiceText(route, service) : route.Target.Text,
        HopKind.EndpointSlice => route.Service is { } owner ? SliceText(route, owner, snapshot) : "",
        HopKind.Pod => string.Join(", ", PathProbes.Candidates(route).Take(3).Select(p => $"{p.Pod.Metadata.Namespace}/{p.Pod.Metadata.Name} {route.AddressOf(p.Pod)}".TrimEnd())),
        _ => string.Join(", ", PathProbes.Candidates(route).Where(p => p.Port > 0).Select(p => $"{p.Port}/{route.Protocol}").Distinct()),
    };

    private static string ServiceText(PathRoute route, Api.Core.V1.Service service)
    {
        var address = route.Port is { } port ? HostPort.Join(route.ServiceAddress, port.Port) + (port.NodePort > 0 ? $" (NodePort {port.NodePort})" : "") : route.ServiceAddress;
        return $"{service.Metadata.Namespace}/{service.Metadata.Name} {address}";
    }

    private static string SliceText(PathRoute route, Api.Core.V1.Service service, ClusterSnapshot snapshot)
    {
        var all = snapshot.SlicesOf(service).Where(s => AddressFamilies.Named(s.AddressType) == route.InnerFamily).SelectMany(s => s.Endpoints).ToList();
        return $"{all.Count(e => e.Conditions.Ready ?? true)}/{all.Count}";
    }

    private static List<HopProbe> ProbesOf(HopKind station, PathRoute route, PathFindings findings)
    {
        var probes = new List<HopProbe>();
        void Add(string from, string to, ProbeResult? result)
        {
            if (result is not null)
            {
                probes.Add(new(from, to, result));
            }
        }

        switch (station)
        {
            case HopKind.Machine:
                Add("PC", HostPort.Join(route.MachineAddress, route.Cluster.ApiPort), findings.FromPc(PathProbes.Api));
                break;
            case HopKind.IngressController:
                Add("PC", HostPort.Join(route.EntryAddress, route.EntryPort), findings.FromPc(PathProbes.Controller));
                break;
            case HopKind.Ingress:
                Add("PC", $"{(route.Tls ? "https" : "http")}://{(route.Host.Length > 0 ? route.Host : route.EntryAddress)}{route.HttpPath}", findings.FromPc(PathProbes.Entry));
                break;
            case HopKind.Service when route.Service is { } service:
                Add("PC", HostPort.Join(route.EntryAddress, route.EntryPort), route.Entry == EntryKind.Ingress ? null : findings.FromPc(PathProbes.Entry));
                Add(route.Cluster.Machine, HostPort.Join(route.ServiceAddress, route.Port?.Port), findings.FromNode(PathProbes.ClusterIP));
                break;
            case HopKind.EndpointSlice:
                foreach (var outside in route.Outside)
                {
                    Add(route.Cluster.Machine, outside.ToString(), findings.FromNode(PathProbes.OutsideId(outside)));
                }

                break;
            case HopKind.Pod:
                foreach (var pod in PathProbes.Candidates(route))
                {
                    Add(route.Cluster.Machine, HostPort.Join(route.AddressOf(pod.Pod), pod.Port), findings.FromNode(PathProbes.PodId(pod)));
                }

                break;
            default:
                break;
        }

        return probes;
    }
}
