namespace Kobune.Storage;

/// <summary>
/// A versioned key-value store: etcd's model reduced to what an API server needs. One global revision that never goes back and is never given
/// twice; every commit that changes something takes the next one. Keys are compared by ordinal bytes. All members are safe for concurrent callers.
/// </summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>The revision of the last commit that this store has applied; 1 before the first.</summary>
    ValueTask<long> GetRevisionAsync(CancellationToken ct);

    /// <summary>One key, now (<paramref name="revision"/> 0) or as it was at an older revision. The answer carries the store's revision.</summary>
    /// <exception cref="CompactedException">The revision has been compacted away.</exception>
    /// <exception cref="FutureRevisionException">The store has not reached the revision.</exception>
    ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken ct);

    /// <summary>Keys in order from a range, now or at an older revision, with a limit and the count of all that match. Throws as <see cref="GetAsync"/>.</summary>
    ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken ct);

    /// <summary>Commits all operations if all compares hold, as one revision. A missed compare is a value: the result then carries what the compared keys hold now.
    /// When the task completes the commit is durable, unless the transaction asked for <see cref="Durability.Relaxed"/>.</summary>
    ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken ct);

    /// <summary>Events of all keys under a prefix with a revision above <paramref name="afterRevision"/>, in order, each with the previous value.
    /// The stream ends with a <see cref="StoreWatchEnd"/> in its last batch (compacted, overflow, store closed); it only throws when <paramref name="ct"/> is cancelled.
    /// Its first batch comes at once, empty if nothing is missing, and says that the watch is armed.</summary>
    IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long afterRevision, CancellationToken ct);

    /// <summary>Makes every watch of exactly this prefix that lies behind yield a batch (empty if need be) whose revision is at least the store's at the time of this call.
    /// A read that must be as fresh as the store asks for it; unasked, watches learn of other keys' commits about once a second.</summary>
    ValueTask RequestProgressAsync(string prefix, CancellationToken ct);

    /// <summary>Forgets history up to a revision: current values stay, older reads and watches below it get <see cref="CompactedException"/> or its end reason.</summary>
    ValueTask CompactAsync(long revision, CancellationToken ct);

    /// <summary>Bytes on disk (0 for memory), bytes of history and keys, for metrics and quotas.</summary>
    ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken ct);
}
