using System.Net;

namespace Kobune.Dns.Zones;

/// <summary>What the zone knows of one Service; replaced whole when the Service or one of its EndpointSlices changes.</summary>
internal sealed record ZoneService(string Namespace, string Name)
{
    /// <summary>Of a Service of type ExternalName; empty for all others.</summary>
    public string ExternalName { get; init; } = "";

    /// <summary>clusterIP "None": its names lead to the endpoints.</summary>
    public bool Headless { get; init; }

    public IReadOnlyList<IPAddress> ClusterIPs { get; init; } = [];

    public IReadOnlyList<ZonePort> Ports { get; init; } = [];

    /// <summary>The ready endpoints (with publishNotReadyAddresses all of them: their slices call them ready).</summary>
    public IReadOnlyList<ZoneEndpoint> Endpoints { get; init; } = [];
}

/// <summary>A named port. <paramref name="Protocol"/> is lower case.</summary>
internal readonly record struct ZonePort(string Name, string Protocol, int Port);

/// <summary>One address behind a Service.</summary>
/// <param name="Label">The name below the Service: the pod's hostname, or the address with dashes.</param>
/// <param name="HasHostname">Whether the pod has a hostname of its own; only those are found by a reverse lookup.</param>
internal sealed record ZoneEndpoint(IPAddress Address, string Label, bool HasHostname, IReadOnlyList<ZonePort> Ports)
{
    /// <summary>The name of its pod; empty without one.</summary>
    public string PodName { get; init; } = "";

    /// <summary>"10-244-0-5", "fd00--5".</summary>
    public static string LabelOf(IPAddress address) => address.ToString().Replace('.', '-').Replace(':', '-');
}
