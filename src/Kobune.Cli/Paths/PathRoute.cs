using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Networking.V1;

namespace Kobune.Cli.Paths;

// Inside the namespace: Kobune.Ingress, the room, would hide it otherwise.
using Ingress = Kobune.Api.Networking.V1.Ingress;

/// <summary>How a packet from the PC enters the cluster.</summary>
internal enum EntryKind
{
    /// <summary>It does not: only the inside of the machine is walked.</summary>
    None,

    /// <summary>The node's address and a NodePort.</summary>
    NodePort,

    /// <summary>The Service's own address, over a route to the service range.</summary>
    ClusterIP,

    /// <summary>The address that a load balancer gave.</summary>
    LoadBalancer,

    /// <summary>Ports 80 and 443 of the node.</summary>
    Ingress,

    /// <summary>The pod's own address.</summary>
    Pod,
}

/// <summary>The cluster as the PC sees it.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Machine">The first node's name.</param>
/// <param name="Address">Its address.</param>
/// <param name="ApiPort">The API server's port on it.</param>
internal sealed record PathCluster(string Profile, string Machine, string Address, int ApiPort)
{
    /// <summary>The first node's IPv6 address; empty in a cluster of IPv4 alone.</summary>
    public string AddressV6 { get; init; } = "";
}

/// <summary>A pod behind the Service, and the port on which it is asked.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Port">The port; 0 when it cannot be told.</param>
/// <param name="IsReady">Whether traffic is sent to it.</param>
internal sealed record PodPort(Pod Pod, int Port, bool IsReady)
{
    /// <summary>The first container's id, without the runtime's prefix; empty when none runs.</summary>
    public string ContainerId =>
        Pod.Status.ContainerStatuses.Where(c => c.State.Running is not null).Select(c => c.ContainerID[(c.ContainerID.LastIndexOf('/') + 1)..]).FirstOrDefault("");
}

/// <summary>The way that a packet to a target takes by what is declared, and what is wrong with the declarations.</summary>
internal sealed record PathRoute
{
    public required PathTarget Target { get; init; }

    public required PathCluster Cluster { get; init; }

    /// <summary>The stations, in the packet's order.</summary>
    public IReadOnlyList<HopKind> Stations { get; init; } = [];

    public EntryKind Entry { get; init; }

    public string EntryAddress { get; init; } = "";

    public int EntryPort { get; init; }

    public Ingress? Ingress { get; init; }

    /// <summary>The host name that the PC must resolve; empty without one.</summary>
    public string Host { get; init; } = "";

    public string HttpPath { get; init; } = "/";

    public bool Tls { get; init; }

    public Service? Service { get; init; }

    public ServicePort? Port { get; init; }

    public IReadOnlyList<PodPort> Pods { get; init; } = [];

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Addresses that the Service's slices name and behind which no pod stands.</summary>
    public IReadOnlyList<IPEndPoint> Outside { get; init; } = [];

    /// <summary>Which of IP's families the packet has on the PC.</summary>
    public AddressFamily Family { get; init; } = AddressFamily.InterNetwork;

    /// <summary>The families of all ways that are walked to the target.</summary>
    public IReadOnlyList<AddressFamily> Families { get; init; } = [AddressFamily.InterNetwork];

    /// <summary>The family behind the entry: an ingress controller may take a packet of one and send one of the other.</summary>
    public AddressFamily InnerFamily => Service is { } service && AddressFamilies.Of(service) is { Count: > 0 } own && !own.Contains(Family) ? own[0] : Family;

    /// <summary>The machine's address.</summary>
    public string MachineAddress => Family == AddressFamily.InterNetworkV6 && Cluster.AddressV6.Length > 0 ? Cluster.AddressV6 : Cluster.Address;

    /// <summary>The Service's own address; "" or "None" without one.</summary>
    public string ServiceAddress => Service is null ? "" : AddressFamilies.Pick(Service.Spec.ClusterIPs, InnerFamily) ?? Service.Spec.ClusterIP;

    /// <summary>A pod's address; empty as long as it has none.</summary>
    public string AddressOf(Pod pod) => AddressFamilies.Pick(pod.Status.PodIPs.Select(i => i.IP), InnerFamily) ?? "";

    /// <summary>"TCP", "UDP" or "SCTP".</summary>
    public string Protocol => Port?.Protocol is { Length: > 0 } protocol ? protocol : "TCP";
}
