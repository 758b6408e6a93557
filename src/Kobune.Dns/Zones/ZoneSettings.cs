namespace Kobune.Dns.Zones;

/// <summary>What a Corefile sets of the cluster's own names. Without one, what CoreDNS has by itself and the specification asks for.</summary>
internal sealed record ZoneSettings
{
    /// <summary>Of a cluster without a Corefile.</summary>
    public static ZoneSettings Default { get; } = new();

    /// <summary>Seconds that a record may be kept; defaultTTL of CoreDNS' plugin/kubernetes.</summary>
    public uint Ttl { get; init; } = 5;

    /// <summary>Which names like 10-244-0-5.namespace.pod have a record.</summary>
    public PodRecords Pods { get; init; } = PodRecords.Insecure;

    /// <summary>Whether an endpoint without a hostname has the name of its pod instead of its address.</summary>
    public bool EndpointPodNames { get; init; }
}

/// <summary>The modes of "pods" in CoreDNS' plugin/kubernetes.</summary>
internal enum PodRecords
{
    /// <summary>None has.</summary>
    Disabled,

    /// <summary>Every address has, in every namespace.</summary>
    Insecure,

    /// <summary>The addresses of the pods that there are, in their own namespace.</summary>
    Verified,
}
