using System.Net;
using Kobune.Cli.Paths.Probes;

namespace Kobune.Cli.Paths;

/// <summary>Which packets tell how a way stands. Pure.</summary>
internal static class PathProbes
{
    public const string Api = "api";
    public const string Entry = "entry";
    public const string ClusterIP = "cluster-ip";
    public const string NodePort = "node-port";
    public const string Controller = "controller";
    private const int MostPods = 8;

    /// <summary>
    /// Sent from the PC. An address of the cluster is asked only over the cluster's own networks: without their route the packet would leave by the PC's
    /// default route, and whoever lives at that address out there would be taken for the Service.
    /// </summary>
    /// <param name="route">The way.</param>
    /// <param name="nextHop">The PC's next hop to the entry.</param>
    public static IEnumerable<ProbeRequest> FromPc(PathRoute route, IPAddress? nextHop)
    {
        yield return new(Api, ProbeKind.Tcp, route.MachineAddress, route.Cluster.ApiPort);
        switch (route.Entry)
        {
            case EntryKind.None:
                break;
            case EntryKind.Ingress:
                yield return new(Controller, ProbeKind.Tcp, route.EntryAddress, route.EntryPort);
                yield return new(Entry, ProbeKind.Http, route.EntryAddress, route.EntryPort) { Host = HostHeader(route), Path = route.HttpPath, Tls = route.Tls };
                break;
            default:
                if (Kind(route) is { } kind && route.EntryAddress is not ("" or "None") && StaysInCluster(route, nextHop))
                {
                    yield return new(Entry, kind, route.EntryAddress, route.EntryPort);
                }

                break;
        }
    }

    /// <summary>Sent from the first node.</summary>
    public static IEnumerable<ProbeRequest> FromNode(PathRoute route)
    {
        if (Kind(route) is not { } kind)
        {
            yield break;
        }

        if (route is { ServiceAddress: not ("" or "None"), Port: not null })
        {
            yield return new(ClusterIP, kind, route.ServiceAddress, route.Port.Port);
            if (route.Port.NodePort > 0)
            {
                yield return new(NodePort, kind, route.MachineAddress, route.Port.NodePort);
            }
        }

        foreach (var pod in Candidates(route).Where(p => p.Port > 0 && route.AddressOf(p.Pod).Length > 0))
        {
            yield return new(PodId(pod), kind, route.AddressOf(pod.Pod), pod.Port);
        }

        foreach (var outside in route.Outside.Take(MostPods))
        {
            yield return new(OutsideId(outside), kind, outside.Address.ToString(), outside.Port);
        }
    }

    /// <summary>What to look at in each node, by the node's name.</summary>
    public static ILookup<string, ProbeRequest> InNodes(PathRoute route) => Candidates(route)
        .Where(p => p.ContainerId.Length > 0)
        .ToLookup(p => p.Pod.Spec.NodeName, p => new ProbeRequest(ListenersId(p), ProbeKind.Listeners, p.ContainerId, 0));

    /// <summary>The pods that are looked at: those that take traffic, else all of them; not more than a few.</summary>
    public static IReadOnlyList<PodPort> Candidates(PathRoute route)
    {
        var ready = route.Pods.Where(p => p.IsReady).Take(MostPods).ToList();
        return ready.Count > 0 ? ready : [.. route.Pods.Take(MostPods)];
    }

    public static string PodId(PodPort pod) => "pod:" + pod.Pod.Metadata.Name;

    public static string ListenersId(PodPort pod) => "listeners:" + pod.Pod.Metadata.Name;

    public static string OutsideId(IPEndPoint endpoint) => "outside:" + endpoint;

    // A gateway other than a node is the way out to the world.
    private static bool StaysInCluster(PathRoute route, IPAddress? nextHop) =>
        route.Entry == EntryKind.NodePort || (nextHop is not null && (nextHop.Equals(IPAddress.Any) || nextHop.Equals(IPAddress.IPv6Any) || nextHop.ToString() == route.MachineAddress));

    // Nothing here speaks SCTP: its ways are judged by what is declared and what listens.
    private static ProbeKind? Kind(PathRoute route) => route.Protocol switch { "TCP" => ProbeKind.Tcp, "UDP" => ProbeKind.Udp, _ => null };

    private static string HostHeader(PathRoute route)
    {
        var host = route.Target.Kind == TargetKind.Url ? route.Target.Host : route.Host.Length > 0 ? route.Host : route.EntryAddress;
        host = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return route.EntryPort is 80 or 443 ? host : $"{host}:{route.EntryPort}";
    }
}
