namespace Kobune.Dns.Forwarding;

/// <summary>The most seconds that upstream answers are kept: those with records, and those that say that there is none.</summary>
internal sealed record CacheLimits(uint Success, uint Denial)
{
    /// <summary>What is asked for again before it runs out.</summary>
    public Prefetch Prefetch { get; init; } = Prefetch.None;

    /// <summary>Nothing is kept.</summary>
    public static CacheLimits None { get; } = new(0, 0);

    /// <summary>`cache 30` of kubeadm's Corefile.</summary>
    public static CacheLimits Kubeadm { get; } = new(30, 30);

    /// <summary>`cache` without a number: maxTTL and maxNTTL of CoreDNS' plugin/cache.</summary>
    public static CacheLimits Plain { get; } = new(3600, 1800);
}
