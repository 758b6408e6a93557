using System.Net;

namespace Kobune.Proxy.Services;

/// <summary>One port of one Service in one address family: all that rules are made of. Pure data.</summary>
internal sealed record ServicePortModel
{
    /// <summary>"namespace/name".</summary>
    public required string Service { get; init; }

    /// <summary>Name of the port; empty for a single unnamed one.</summary>
    public string PortName { get; init; } = "";

    /// <summary>tcp, udp or sctp.</summary>
    public required string Protocol { get; init; }

    public required int Port { get; init; }

    public required IPAddress ClusterIP { get; init; }

    /// <summary>0 for none.</summary>
    public int NodePort { get; init; }

    public IReadOnlyList<IPAddress> ExternalIPs { get; init; } = [];

    /// <summary>Ingress addresses of the load balancer (those with ipMode VIP).</summary>
    public IReadOnlyList<IPAddress> LoadBalancerIPs { get; init; } = [];

    /// <summary>Who may use the load balancer addresses; all when empty.</summary>
    public IReadOnlyList<string> SourceRanges { get; init; } = [];

    /// <summary>Session affinity by client address, in seconds; 0 for none.</summary>
    public int AffinitySeconds { get; init; }

    public bool InternalLocal { get; init; }

    public bool ExternalLocal { get; init; }

    /// <summary>Where an outer load balancer asks whether this node has endpoints of the Service; 0 for none.</summary>
    public int HealthCheckNodePort { get; init; }

    /// <summary>Addresses of this node's ready endpoints, for the health check node port; empty without one.</summary>
    public IReadOnlyList<string> LocalReady { get; init; } = [];

    /// <summary>Endpoints for traffic that may go anywhere.</summary>
    public IReadOnlyList<EndpointModel> Cluster { get; init; } = [];

    /// <summary>Endpoints of this node, for policy Local.</summary>
    public IReadOnlyList<EndpointModel> Local { get; init; } = [];
}

/// <summary>An address and port behind a Service.</summary>
internal readonly record struct EndpointModel(IPAddress Address, int Port, bool Local);
