namespace Kobune.Dns.Zones;

/// <summary>What a Corefile sets of the cluster's own names. Without one, what CoreDNS has by itself and the specification asks for.</summary>
internal sealed record ZoneSettings
{
    /// <summary>Of a cluster without a Corefile.</summary>
    public static ZoneSettings Default { get; } = new();

    /// <summary>Seconds that a record may be kept; defaultTTL of CoreDNS' plugin/kubernetes.</summary>
    public uint Ttl { get; init; } = 5;

    /// <summary>Whether 10-244-0-5.namespace.pod has a record.</summary>
    public bool Pods { get; init; } = true;
}
