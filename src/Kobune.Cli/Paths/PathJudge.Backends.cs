using Kobune.Cli.Paths.Probes;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

internal static partial class PathJudge
{
    // What the process in the container listens on decides whether a packet to the port can be taken.
    private static Fault? PortFault(PathRoute route, PodPort pod, PathFindings findings)
    {
        if (pod.Port == 0 || findings.FromNode(PathProbes.ListenersId(pod)) is not { Outcome: ProbeOutcome.Connected } seen)
        {
            return null;
        }

        var name = pod.Pod.Metadata.Name;
        var sockets = seen.Listeners.Where(l => l.Protocol == route.Protocol).ToList();
        var here = sockets.Where(l => l.Port == pod.Port).ToList();
        if (here.Any(l => !l.IsLoopback) || route.Protocol == "SCTP")
        {
            return null;
        }

        if (here.Count > 0)
        {
            return new("ListensOnLoopback", HopKind.ContainerPort, new(Message.PathLoopback, name, here[0].Address, pod.Port), new(Message.PathLoopbackMend, pod.Port));
        }

        var open = sockets.Where(l => !l.IsLoopback).Select(l => l.Port).Distinct().Order().ToList();
        var declared = pod.Pod.Spec.Containers.SelectMany(c => c.Ports).Select(p => p.ContainerPortValue).ToList();
        var meant = open.FirstOrDefault(declared.Contains);
        if (route.Service is { } service && meant > 0 && !declared.Contains(pod.Port))
        {
            return new("WrongTargetPort", HopKind.Service, new(Message.PathWrongTargetPort, service.Metadata.Name, pod.Port, name, meant), new(Message.PathTargetPortMend, service.Metadata.Name, meant));
        }

        return open.Count > 0
            ? new("ListensElsewhere", HopKind.ContainerPort, new(Message.PathListensElsewhere, name, pod.Port, string.Join(", ", open)), new(Message.PathListensElsewhereMend, pod.Port, open[0]))
            : new("NothingListens", HopKind.ContainerPort, new(Message.PathNothingListens, name, pod.Port), new(Message.PathNothingListensMend, name, pod.Port));
    }

    // The process listens for everybody, and still the node's packet does not reach it.
    private static Fault? NetworkFault(PathRoute route, PathFindings findings)
    {
        foreach (var pod in PathProbes.Candidates(route))
        {
            if (findings.FromNode(PathProbes.ListenersId(pod)) is { Outcome: ProbeOutcome.Connected } && findings.FromNode(PathProbes.PodId(pod)) is { Arrived: false } lost)
            {
                return new("PodNetwork", HopKind.Pod, new(Message.PathPodNetwork, pod.Pod.Metadata.Name, $"{pod.Pod.Status.PodIP}:{pod.Port}", Words(lost.Outcome)), new(Message.PathPodNetworkMend));
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
        return route.Pods.FirstOrDefault(p => p.IsReady && !named.Contains(p.Pod.Status.PodIP)) is { } missing
            ? new("SliceStale", HopKind.EndpointSlice, new(Message.PathSliceStale, service.Metadata.Name, missing.Pod.Metadata.Name), new(Message.PathSliceStaleMend))
            : null;
    }

    // The pods answer when asked directly, but not through the Service.
    private static Fault? ServiceFault(PathRoute route, ClusterSnapshot snapshot, PathFindings findings)
    {
        if (route.Service is not { } service || route.Port is not { } port || !PathProbes.Candidates(route).Any(p => findings.FromNode(PathProbes.PodId(p)) is { Arrived: true }))
        {
            return null;
        }

        if (findings.FromNode(PathProbes.ClusterIP) is { Arrived: false } lost)
        {
            return new("ServiceProxy", HopKind.Service, new(Message.PathProxy, $"{service.Spec.ClusterIP}:{port.Port}", Words(lost.Outcome)), new(Message.PathProxyMend));
        }

        if (findings.FromPc(PathProbes.Entry) is not { Arrived: false } entry || route.Entry == EntryKind.Ingress)
        {
            return null;
        }

        if (service.Spec.ExternalTrafficPolicy == "Local" && !route.Pods.Any(p => p.IsReady && p.Pod.Spec.NodeName == route.Cluster.Machine))
        {
            return new("NoLocalEndpoint", HopKind.Service, new(Message.PathNoLocal, service.Metadata.Name, route.Cluster.Machine), new(Message.PathNoLocalMend, service.Metadata.Name));
        }

        return findings.FromNode(PathProbes.NodePort) is { Arrived: false }
            ? new("ServiceProxy", HopKind.Service, new(Message.PathProxy, $"{route.EntryAddress}:{route.EntryPort}", Words(entry.Outcome)), new(Message.PathProxyMend))
            : new("EntryBlocked", HopKind.Pc, new(Message.PathBlocked, $"{route.EntryAddress}:{route.EntryPort}", Words(entry.Outcome)), new(Message.PathBlockedMend));
    }

    private static string SubjectOf(HopKind station, PathRoute route, ClusterSnapshot snapshot, PathFindings findings) => station switch
    {
        HopKind.Pc => Environment.MachineName,
        HopKind.Resolver => findings.Resolved is { Count: > 0 } found ? $"{route.Host} = {string.Join(", ", found)}" : route.Host,
        HopKind.Machine => $"{route.Cluster.Machine} {route.Cluster.Address}",
        HopKind.IngressController => $"{route.EntryAddress}:{route.EntryPort}",
        HopKind.Ingress => route.Ingress is { } ingress ? $"{ingress.Metadata.Namespace}/{ingress.Metadata.Name} {route.Host}{route.HttpPath}" : route.Target.Text,
        HopKind.Service => route.Service is { } service ? ServiceText(route, service) : route.Target.Text,
        HopKind.EndpointSlice => route.Service is { } owner ? SliceText(owner, snapshot) : "",
        HopKind.Pod => string.Join(", ", PathProbes.Candidates(route).Take(3).Select(p => $"{p.Pod.Metadata.Namespace}/{p.Pod.Metadata.Name} {p.Pod.Status.PodIP}".TrimEnd())),
        _ => string.Join(", ", PathProbes.Candidates(route).Where(p => p.Port > 0).Select(p => $"{p.Port}/{route.Protocol}").Distinct()),
    };

    private static string ServiceText(PathRoute route, Api.Core.V1.Service service)
    {
        var ports = route.Port is { } port ? $":{port.Port}" + (port.NodePort > 0 ? $" (NodePort {port.NodePort})" : "") : "";
        return $"{service.Metadata.Namespace}/{service.Metadata.Name} {service.Spec.ClusterIP}{ports}";
    }

    private static string SliceText(Api.Core.V1.Service service, ClusterSnapshot snapshot)
    {
        var all = snapshot.SlicesOf(service).SelectMany(s => s.Endpoints).ToList();
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
                Add("PC", $"{route.Cluster.Address}:{route.Cluster.ApiPort}", findings.FromPc(PathProbes.Api));
                break;
            case HopKind.IngressController:
                Add("PC", $"{route.EntryAddress}:{route.EntryPort}", findings.FromPc(PathProbes.Controller));
                break;
            case HopKind.Ingress:
                Add("PC", $"{(route.Tls ? "https" : "http")}://{(route.Host.Length > 0 ? route.Host : route.EntryAddress)}{route.HttpPath}", findings.FromPc(PathProbes.Entry));
                break;
            case HopKind.Service when route.Service is { } service:
                Add("PC", $"{route.EntryAddress}:{route.EntryPort}", route.Entry == EntryKind.Ingress ? null : findings.FromPc(PathProbes.Entry));
                Add(route.Cluster.Machine, $"{service.Spec.ClusterIP}:{route.Port?.Port}", findings.FromNode(PathProbes.ClusterIP));
                break;
            case HopKind.Pod:
                foreach (var pod in PathProbes.Candidates(route))
                {
                    Add(route.Cluster.Machine, $"{pod.Pod.Status.PodIP}:{pod.Port}", findings.FromNode(PathProbes.PodId(pod)));
                }

                break;
            default:
                break;
        }

        return probes;
    }
}
