namespace Kobune.Kubelet.Stats;

/// <summary>What the processes of one cgroup used so far and use now.</summary>
internal sealed record CgroupUsage
{
    /// <summary>CPU time since the cgroup was made, in nanoseconds.</summary>
    public ulong CpuNanoseconds { get; init; }

    /// <summary>The part of it in user mode.</summary>
    public ulong UserNanoseconds { get; init; }

    /// <summary>The part of it in the kernel.</summary>
    public ulong SystemNanoseconds { get; init; }

    /// <summary>Periods of the CPU quota that began.</summary>
    public ulong Periods { get; init; }

    /// <summary>Those in which the quota was used up.</summary>
    public ulong ThrottledPeriods { get; init; }

    /// <summary>How long it waited because of that.</summary>
    public ulong ThrottledNanoseconds { get; init; }

    /// <summary>Memory, page cache included, in bytes.</summary>
    public ulong MemoryBytes { get; init; }

    /// <summary>Page cache that was not used lately: it can be had back at once.</summary>
    public ulong InactiveFileBytes { get; init; }

    /// <summary>Anonymous memory.</summary>
    public ulong RssBytes { get; init; }

    /// <summary>Page cache.</summary>
    public ulong CacheBytes { get; init; }

    /// <summary>Mapped files.</summary>
    public ulong MappedFileBytes { get; init; }

    /// <summary>Swapped out.</summary>
    public ulong SwapBytes { get; init; }

    public ulong PageFaults { get; init; }

    public ulong MajorPageFaults { get; init; }

    /// <summary>Memory limit; null for none.</summary>
    public ulong? MemoryLimit { get; init; }

    /// <summary>Processes and threads.</summary>
    public ulong Tasks { get; init; }

    /// <summary>What counts against limits and evictions: memory without the page cache that can be had back.</summary>
    public ulong WorkingSetBytes => MemoryBytes > InactiveFileBytes ? MemoryBytes - InactiveFileBytes : 0;
}
