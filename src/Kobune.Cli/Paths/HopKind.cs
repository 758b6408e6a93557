namespace Kobune.Cli.Paths;

/// <summary>The stations of a packet's way, in its order.</summary>
internal enum HopKind
{
    /// <summary>This computer.</summary>
    Pc,

    /// <summary>Its resolver: from a host name to an address.</summary>
    Resolver,

    /// <summary>The machine that is the node.</summary>
    Machine,

    /// <summary>What answers on the node's ports 80 and 443.</summary>
    IngressController,

    /// <summary>The rule that chooses a Service by host and path.</summary>
    Ingress,

    /// <summary>The Service and its address.</summary>
    Service,

    /// <summary>Which pods stand behind the Service.</summary>
    EndpointSlice,

    /// <summary>The pod.</summary>
    Pod,

    /// <summary>The port on which the process in the container listens.</summary>
    ContainerPort,
}
