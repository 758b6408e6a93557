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
internal sealed record PathCluster(string Profile, string Machine, string Address, int ApiPort);

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

    /// <summary>"TCP", "UDP" or "SCTP".</summary>
    public string Protocol => Port?.Protocol is { Length: > 0 } protocol ? protocol : "TCP";
}
