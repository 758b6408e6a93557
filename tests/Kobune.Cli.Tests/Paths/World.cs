using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Networking.V1;
using Kobune.Cli.Paths;
using Kobune.Cli.Paths.Probes;
using IPAddress = System.Net.IPAddress;

namespace Kobune.Cli.Tests.Paths;

// Inside the namespace: Kobune.Ingress, the room, would hide it otherwise.
using Ingress = Kobune.Api.Networking.V1.Ingress;

/// <summary>
/// A small cluster with a Service "web" before a pod "web-1", and an Ingress "web" for shop.test. Tests break one thing; packets then behave as on a real network,
/// so that a judgement is tested against what really comes back.
/// </summary>
internal sealed record World
{
    public const string NodeAddress = "192.168.49.2";
    public const string ClusterAddress = "10.96.7.7";
    public const string PodAddress = "10.244.0.5";
    public const string NodeAddressV6 = "fd00:192:168:49::2";
    public const string ClusterAddressV6 = "fd00:10:96::7";
    public const string PodAddressV6 = "fd00:10:244::5";
    public const string OutsideAddress = "203.0.113.9";

    public Service Service { get; init; } = new()
    {
        Metadata = new() { Namespace = "default", Name = "web" },
        Spec = new()
        {
            Type = "NodePort",
            ClusterIP = ClusterAddress,
            ClusterIPs = [ClusterAddress],
            Selector = new Dictionary<string, string> { ["app"] = "web" },
            Ports = [new() { Port = 80, TargetPort = 8080, NodePort = 30080, Protocol = "TCP" }],
        },
    };

    public Pod Pod { get; init; } = new()
    {
        Metadata = new() { Namespace = "default", Name = "web-1", Uid = "u1", Labels = new Dictionary<string, string> { ["app"] = "web" } },
        Spec = new() { NodeName = "kobune", Containers = [new() { Name = "app", Image = "web:1", Ports = [new() { Name = "http", ContainerPortValue = 8080 }] }] },
        Status = new()
        {
            Phase = "Running",
            PodIP = PodAddress,
            PodIPs = [new() { IP = PodAddress }],
            Conditions = [new() { Type = "PodScheduled", Status = "True" }, new() { Type = "Ready", Status = "True" }],
            ContainerStatuses = [new() { Name = "app", Image = "web:1", ContainerID = "containerd://c1", Ready = true, State = new() { Running = new() } }],
        },
    };

    public Ingress Ingress { get; init; } = new()
    {
        Metadata = new() { Namespace = "default", Name = "web" },
        Spec = new()
        {
            IngressClassName = "nginx",
            Rules = [new() { Host = "shop.test", HTTP = new() { Paths = [new() { Path = "/cart", PathType = "Prefix", Backend = new() { Service = new() { Name = "web", Port = new() { Number = 80 } } } }] } }],
        },
    };

    public IReadOnlyList<IngressClass> Classes { get; init; } = [new() { Metadata = new() { Name = "nginx" }, Spec = new() { Controller = "k8s.io/ingress-nginx" } }];

    public IReadOnlyList<Secret> Secrets { get; init; } = [];

    public IReadOnlyList<Event> Events { get; init; } = [];

    /// <summary>What the container's processes listen on.</summary>
    public IReadOnlyList<Listener> Listeners { get; init; } = [new("TCP", "0.0.0.0", 8080)];

    /// <summary>Whether the PC has the tunnel's route to the service range.</summary>
    public bool HasRoute { get; init; }

    /// <summary>Whether something listens on the node's ports 80 and 443.</summary>
    public bool HasController { get; init; } = true;

    /// <summary>Whether packets between the node and its pods pass.</summary>
    public bool PodNetworkWorks { get; init; } = true;

    /// <summary>Whether the service proxy has its rules.</summary>
    public bool ProxyWorks { get; init; } = true;

    /// <summary>Whether the PC's packets reach the node.</summary>
    public bool MachineReachable { get; init; } = true;

    /// <summary>What the PC's resolver knows.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string> { ["shop.test"] = NodeAddress };

    /// <summary>Where a tunnel listens on the PC.</summary>
    public IReadOnlyList<IPAddress> TunnelAddresses { get; init; } = [];

    /// <summary>Whether the container's process can be looked at.</summary>
    public bool SeesListeners { get; init; } = true;

    /// <summary>Whether something listens at <see cref="OutsideAddress"/>.</summary>
    public bool OutsideAnswers { get; init; }

    /// <summary>Whether the node listens on ports 80 and 443 of its IPv6 address too.</summary>
    public bool HasControllerV6 { get; init; } = true;

    /// <summary>A cluster of both families: the Service, its pod and the Ingress have an address of each.</summary>
    public World Dual => WithStatus(s => s with { PodIPs = [new() { IP = PodAddress }, new() { IP = PodAddressV6 }] })
        .WithSpec(s => s with { IPFamilies = ["IPv4", "IPv6"], ClusterIPs = [ClusterAddress, ClusterAddressV6] }) with
    {
        Ingress = Ingress with { Status = new() { LoadBalancer = new() { Ingress = [new() { IP = NodeAddress }, new() { IP = NodeAddressV6 }] } } },
        Listeners = [new("TCP", "::", 8080)],
    };

    /// <summary>A Service without a selector, whose slice names an address outside.</summary>
    public World Outside(string protocol) => WithSpec(s => s with { Selector = new Dictionary<string, string>(), Ports = [s.Ports[0] with { Protocol = protocol }] });

    private bool IsReady => PodHealth.IsReady(Pod);

    private bool Selects => Service.Spec.Selector.All(l => Pod.Metadata.Labels.TryGetValue(l.Key, out var v) && v == l.Value) && Service.Metadata.Namespace == Pod.Metadata.Namespace;

    public ClusterSnapshot Snapshot => new()
    {
        Services = [Service],
        Pods = [Pod],
        Ingresses = [Ingress],
        Classes = Classes,
        TlsSecrets = Secrets,
        Events = Events,
        Slices =
        [
            new()
            {
                Metadata = new() { Namespace = Service.Metadata.Namespace, Name = "web-x", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = Service.Metadata.Name } },
                AddressType = "IPv4",
                Ports = [new() { Port = 8080 }],
                Endpoints = Service.Spec.Selector.Count == 0 ? [new() { Addresses = [OutsideAddress] }] : EndpointsAt(PodAddress),
            },
            new()
            {
                Metadata = new() { Namespace = Service.Metadata.Namespace, Name = "web-y", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = Service.Metadata.Name } },
                AddressType = "IPv6",
                Ports = [new() { Port = 8080 }],
                Endpoints = EndpointsAt(PodAddressV6),
            },
        ],
    };

    /// <summary>Walks to a target with this world's packets.</summary>
    public PathReport Walk(string target, string ns = "default", string? port = null)
    {
        var ways = RoutePlan.Ways(PathTarget.Parse(target, ns, port)!, new("kobune", "kobune", NodeAddress, 8443) { AddressV6 = NodeAddressV6 }, Snapshot);
        return PathJudge.Judge([.. ways.Select(r => (r, Look(r)))], Snapshot);
    }

    private PathFindings Look(PathRoute route)
    {
        var hop = IPAddress.Parse(route.EntryAddress is ClusterAddress or PodAddress or ClusterAddressV6 ? HasRoute ? route.MachineAddress : "192.168.1.1" : "0.0.0.0");
        return new()
        {
            Pc = PathProbes.FromPc(route, hop).Select(r => Send(r, route, fromPc: true)).ToDictionary(r => r.Id),
            Node = PathProbes.FromNode(route).Concat(PathProbes.InNodes(route).SelectMany(g => g)).Select(r => Send(r, route, fromPc: false)).ToDictionary(r => r.Id),
            Resolved = !route.Stations.Contains(HopKind.Resolver) ? null : Names.TryGetValue(route.Host, out var address) ? [IPAddress.Parse(address)] : [],
            TunnelAddresses = TunnelAddresses,
            NextHop = hop,
        };
    }

    public World WithStatus(Func<PodStatus, PodStatus> change) => this with { Pod = Pod with { Status = change(Pod.Status) } };

    public World WithSpec(Func<ServiceSpec, ServiceSpec> change) => this with { Service = Service with { Spec = change(Service.Spec) } };

    public World WithIngress(Func<IngressSpec, IngressSpec> change) => this with { Ingress = Ingress with { Spec = change(Ingress.Spec) } };

    /// <summary>The pod is not Ready, and its container waits or not.</summary>
    public World NotReady(string? waiting = null, string message = "") => WithStatus(s => s with
    {
        Conditions = [new() { Type = "PodScheduled", Status = "True" }, new() { Type = "Ready", Status = "False" }],
        ContainerStatuses = waiting is null ? s.ContainerStatuses
            : [new() { Name = "app", Image = "web:1", RestartCount = 4, State = new() { Waiting = new() { Reason = waiting, Message = message } }, LastTerminationState = new() { Terminated = new() { ExitCode = 3, Reason = "Error" } } }],
    });

    private ProbeResult Send(ProbeRequest request, PathRoute route, bool fromPc)
    {
        if (request.Kind == ProbeKind.Listeners)
        {
            return SeesListeners ? new(request.Id, ProbeOutcome.Connected, 1) { Listeners = Listeners } : new(request.Id, ProbeOutcome.Failed, 1);
        }

        var isV6 = request.Address.Contains(':', StringComparison.Ordinal);
        ProbeOutcome To(int port) => ToPod(port, isV6);

        var outcome = request switch
        {
            _ when fromPc && !MachineReachable => ProbeOutcome.TimedOut,
            { Address: NodeAddress or NodeAddressV6, Port: 8443 } => ProbeOutcome.Connected,
            { Address: NodeAddressV6, Port: 80 or 443 } => HasControllerV6 ? ProbeOutcome.Connected : ProbeOutcome.Refused,
            { Address: OutsideAddress } => OutsideAnswers ? ProbeOutcome.Connected : ProbeOutcome.Refused,
            { Address: NodeAddress, Port: 80 or 443 } => HasController ? ProbeOutcome.Connected : ProbeOutcome.Refused,
            { Address: NodeAddress or NodeAddressV6 } => ThroughService(Service.Spec.Ports.FirstOrDefault(p => p.NodePort == request.Port), To),
            { Address: PodAddress or PodAddressV6 } => fromPc ? ProbeOutcome.TimedOut : To(request.Port),
            _ when fromPc && !HasRoute => ProbeOutcome.TimedOut,
            _ => ThroughService(Service.Spec.Ports.FirstOrDefault(p => p.Port == request.Port), To),
        };
        return new(request.Id, outcome, 1) { StatusCode = request.Kind == ProbeKind.Http && outcome == ProbeOutcome.Connected ? route.Faults.Count == 0 ? 200 : 404 : 0 };
    }

    private IReadOnlyList<Endpoint> EndpointsAt(string address) => Selects && Pod.Status.PodIPs.Any(i => i.IP == address)
        ? [new() { Addresses = [address], Conditions = new() { Ready = IsReady }, TargetRef = new() { Kind = "Pod", Name = Pod.Metadata.Name } }]
        : [];

    private ProbeOutcome ThroughService(ServicePort? port, Func<int, ProbeOutcome> toPod)
    {
        var number = port is null ? 0 : port.TargetPort.IsString ? Pod.Spec.Containers[0].Ports.FirstOrDefault(p => p.Name == port.TargetPort.StringValue)?.ContainerPortValue ?? 0 : port.TargetPort.IntValue;
        return Service.Spec.Selector.Count == 0 ? OutsideAnswers && ProxyWorks ? ProbeOutcome.Connected : ProbeOutcome.Refused
            : ProxyWorks && Selects && IsReady && number > 0 ? toPod(number) : ProbeOutcome.Refused;
    }

    private ProbeOutcome ToPod(int port, bool isV6) =>
        !PodNetworkWorks ? ProbeOutcome.TimedOut : Listeners.Any(l => l.Port == port && !l.IsLoopback && (!isV6 || l.Address.Contains(':', StringComparison.Ordinal))) ? ProbeOutcome.Connected : ProbeOutcome.Refused;
}
