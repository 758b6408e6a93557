namespace Kobune.Storage;

/// <summary>Settings that the memory and the SQLite store share.</summary>
public sealed record StoreOptions
{
    /// <summary>How often history is compacted; what is kept is between one and two intervals old. Upstream's API server compacts every 5 minutes.</summary>
    public TimeSpan CompactionInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of superseded values above which history is compacted before its time, down to about half of it.</summary>
    public long MaxHistoryBytes { get; init; } = 64 << 20;

    /// <summary>Events that a watcher may lag behind before it is cut with <see cref="StoreWatchEnd.Overflow"/>.</summary>
    public int WatchQueueLength { get; init; } = 16_384;

    /// <summary>How long after a commit the watches of other keys learn of its revision unasked (<see cref="IStore.RequestProgressAsync"/> tells them at once).</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(1);
}
