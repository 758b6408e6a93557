using Kobune.Api.Schema;
using Kobune.Cli.Paths.Probes;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

/// <summary>
/// Which hop is at fault. Pure. A hop is blamed only for what it does itself: when a packet does not come through a Service, but does not reach its pod
/// directly either, the pod or its port is to blame.
/// </summary>
internal static partial class PathJudge
{
    /// <summary>All ways to a target as one: a hop that stands on one way and not on the other is broken.</summary>
    public static PathReport Judge(IReadOnlyList<(PathRoute Route, PathFindings Findings)> ways, ClusterSnapshot snapshot) =>
        ways.Select(w => Judge(w.Route, snapshot, w.Findings)).Aggregate((a, b) => a with { Hops = [.. a.Hops.Zip(b.Hops, Both)] });

    private static Hop Both(Hop a, Hop b) => a with
    {
        Subject = a.Subject == b.Subject ? a.Subject : string.Join(", ", new[] { a.Subject, After(a.Subject, b.Subject) }.Where(s => s.Length > 0)),
        State = a.State == HopState.Broken || b.State == HopState.Broken ? HopState.Broken : a.State == HopState.Sound ? a.State : b.State,
        Fault = a.Fault ?? b.Fault,
        Probes = [.. a.Probes, .. b.Probes],
    };

    // The name of what stands there is said once: "kobune 192.168.49.2, fd00:192:168:49::2".
    private static string After(string first, string second)
    {
        var name = second[..(second.IndexOf(' ', StringComparison.Ordinal) + 1)];
        return first.StartsWith(name, StringComparison.Ordinal) ? second[name.Length..] : second;
    }

    /// <summary>The way of one family with the state of each hop.</summary>
    public static PathReport Judge(PathRoute route, ClusterSnapshot snapshot, PathFindings findings)
    {
        List<Fault> faults = [.. route.Faults];
        Add(faults, PcFault(route, findings));
        Add(faults, ResolverFault(route, findings));
        Add(faults, ControllerFault(route, findings));
        var ready = route.Pods.Any(p => p.IsReady);
        var port = PathProbes.Candidates(route).Select(p => PortFault(route, p, findings)).FirstOrDefault(f => f is not null);
        Add(faults, port);
        if (port is null)
        {
            Add(faults, ready ? null : route.Pods.Select(p => PodHealth.FaultOf(p.Pod, snapshot)).FirstOrDefault(f => f is not null));
            Add(faults, NetworkFault(route, findings));
            Add(faults, OutsideFault(route, findings));
            Add(faults, StaleSlices(route, snapshot));
            if (faults.Count == 0)
            {
                Add(faults, ServiceFault(route, snapshot, findings) ?? ServedFault(route, findings));
            }
        }

        var first = route.Stations.FirstOrDefault(s => faults.Any(f => f.At == s), (HopKind)int.MaxValue);
        return new(route.Target.Text, [.. route.Stations.Select(s => new Hop(s, SubjectOf(s, route, snapshot, findings), StateOf(s, route, faults, first))
        {
            Fault = faults.FirstOrDefault(f => f.At == s),
            Probes = ProbesOf(s, route, findings),
        })]);
    }

    /// <summary>The way when the machine does not run, or its API server does not answer.</summary>
    public static PathReport WithoutCluster(PathTarget target, PathCluster cluster, Fault fault) => new(
        target.Text,
        [
            new(HopKind.Pc, Environment.MachineName, HopState.Sound),
            new(HopKind.Machine, $"{cluster.Machine} {cluster.Address}", HopState.Broken) { Fault = fault },
            new(target.Kind switch { TargetKind.Pod => HopKind.Pod, TargetKind.Ingress => HopKind.Ingress, _ => HopKind.Service }, target.Text, HopState.NotReached),
        ]);

    private static void Add(List<Fault> faults, Fault? fault)
    {
        if (fault is not null)
        {
            faults.Add(fault);
        }
    }

    private static HopState StateOf(HopKind station, PathRoute route, List<Fault> faults, HopKind first)
    {
        if (faults.Any(f => f.At == station))
        {
            return HopState.Broken;
        }

        // Behind a hop without an object there is nothing to look at; what was looked at and found well stays sound.
        return station > first && !HasObject(station, route) ? HopState.NotReached : HopState.Sound;
    }

    private static bool HasObject(HopKind station, PathRoute route) => station switch
    {
        HopKind.Ingress => route.Ingress is not null,
        HopKind.Service => route.Service is not null,
        HopKind.EndpointSlice => route.Outside.Count > 0 || route.Pods.Any(p => p.IsReady),
        HopKind.Pod => route.Pods.Count > 0,
        HopKind.ContainerPort => route.Pods.Any(p => p.ContainerId.Length > 0),
        _ => true,
    };

    // The PC's own part: a way to the node, and, for an address of the service range, a route to it.
    private static Fault? PcFault(PathRoute route, PathFindings findings)
    {
        if (findings.FromPc(PathProbes.Api) is { Arrived: false } api)
        {
            return new("MachineUnreachable", HopKind.Pc, new(Message.PathPcCannotReach, route.MachineAddress, Words(api.Outcome)), new(Message.PathPcCannotReachMend, route.Cluster.Profile));
        }

        if (route.Entry is not (EntryKind.ClusterIP or EntryKind.Pod) || route.EntryAddress is "" or "None" || findings.FromPc(PathProbes.Entry) is { Outcome: ProbeOutcome.Connected })
        {
            return null;
        }

        if (findings.NextHop?.ToString() == route.MachineAddress)
        {
            return null; // the tunnel's route stands
        }

        return route.Entry == EntryKind.ClusterIP
            ? new("NoRouteToClusterIP", HopKind.Pc, new(Message.PathNoRoute, route.EntryAddress), new(Message.PathNoRouteMend, route.Service?.Metadata.Name ?? "", route.EntryPort))
            : new("NoRouteToPod", HopKind.Pc, new(Message.PathNoRoute, route.EntryAddress), new(Message.PathNoRoutePodMend, route.Pods[0].Pod.Metadata.Name, route.EntryPort));
    }

    private static Fault? ResolverFault(PathRoute route, PathFindings findings)
    {
        if (findings.Resolved is not { } addresses || addresses.Any(a => a.ToString() == route.EntryAddress || findings.TunnelAddresses.Contains(a)))
        {
            return null;
        }

        if (addresses.Count > 0 && route.Families.Count > 1 && addresses.All(a => a.AddressFamily != route.Family))
        {
            return null; // the name leads by the other family alone, which is enough
        }

        return new(
            "NameNotResolved",
            HopKind.Resolver,
            addresses.Count == 0 ? new(Message.PathNotResolved, route.Host) : new(Message.PathResolvedWrong, route.Host, string.Join(", ", addresses), route.EntryAddress),
            route.Entry == EntryKind.Ingress ? new(Message.PathResolveMend, route.Host, route.EntryAddress) : new(Message.PathResolveServiceMend));
    }

    private static Fault? ControllerFault(PathRoute route, PathFindings findings) =>
        route.Entry == EntryKind.Ingress && findings.FromPc(PathProbes.Controller) is { Arrived: false } nobody && findings.FromPc(PathProbes.Api) is { Arrived: true }
            ? new("NoIngressController", HopKind.IngressController, new(Message.PathNoController, HostPort.Join(route.EntryAddress, route.EntryPort), Words(nobody.Outcome)), new(Message.PathNoControllerMend))
            : null;

    // A rule stands, the pods are well, and still the controller answers that it knows nothing, or cannot reach them.
    private static Fault? ServedFault(PathRoute route, PathFindings findings) =>
        route.Entry == EntryKind.Ingress && findings.FromPc(PathProbes.Entry) is { StatusCode: 404 or 502 or 503 or 504 } answer && !AnsweredItself(route, findings)
            ? new("IngressNotServed", HopKind.IngressController, new(Message.PathNotServed, answer.StatusCode), new(Message.PathNotServedMend))
            : null;

    // 404 may well be the application's own answer; only the controller's inability counts.
    private static bool AnsweredItself(PathRoute route, PathFindings findings) =>
        findings.FromPc(PathProbes.Entry)?.StatusCode == 404 && findings.FromNode(PathProbes.ClusterIP) is { Arrived: true } && route.Ingress is not null;

    private static Phrase Words(ProbeOutcome outcome) => PathWords.Of(outcome);
}
