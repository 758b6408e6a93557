namespace Kobune.Storage;

/// <summary>A key's value at a revision. The bytes are shared and never changed.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The stored bytes.</param>
/// <param name="ModRevision">Revision of the commit that wrote this value.</param>
/// <param name="CreateRevision">Revision of the commit that created the key.</param>
public sealed record KeyValue(string Key, ReadOnlyMemory<byte> Value, long ModRevision, long CreateRevision);

/// <summary>Answer of a get; <paramref name="Item"/> is null when the key does not exist.</summary>
public readonly record struct GetResult(KeyValue? Item, long Revision);

/// <summary>A range: all keys with <paramref name="Prefix"/>, from <paramref name="StartKey"/> (inclusive; null = the first) on.</summary>
/// <param name="Prefix">Prefix that all keys share.</param>
/// <param name="StartKey">First key wanted, or null.</param>
/// <param name="Limit">At most that many items; 0 = all.</param>
/// <param name="Revision">0 = now.</param>
/// <param name="CountOnly">Only the count is wanted.</param>
public sealed record RangeRequest(string Prefix, string? StartKey = null, int Limit = 0, long Revision = 0, bool CountOnly = false);

/// <summary>Answer of a range. <paramref name="Count"/> counts all keys from the start key on, limit or not; <paramref name="More"/> says that the limit cut it.</summary>
public sealed record RangeResult(IReadOnlyList<KeyValue> Items, long Count, bool More, long Revision);

/// <summary>Whether a commit waits for the disk. Relaxed is for Events and Leases alone.</summary>
public enum Durability
{
    /// <summary>The commit survives power loss when it was answered.</summary>
    Synced,

    /// <summary>The commit may be lost with the last moments before a power loss; order is kept.</summary>
    Relaxed,
}

/// <summary>The key's mod-revision must equal <paramref name="ModRevision"/>; 0 = the key must not exist.</summary>
public readonly record struct Compare(string Key, long ModRevision);

/// <summary>One change of a transaction: a put when <paramref name="Value"/> is set, else a delete. Time to live counts from the commit.</summary>
public readonly record struct Operation(string Key, ReadOnlyMemory<byte>? Value, TimeSpan? TimeToLive = null)
{
    /// <summary>Writes a value.</summary>
    public static Operation Put(string key, ReadOnlyMemory<byte> value, TimeSpan? timeToLive = null) => new(key, value, timeToLive);

    /// <summary>Removes a key; a key that does not exist is no change.</summary>
    public static Operation Delete(string key) => new(key, null);
}

/// <summary>Compares and operations over several keys; a key appears at most once among the operations.</summary>
public sealed record Transaction(IReadOnlyList<Compare> Compares, IReadOnlyList<Operation> Operations, Durability Durability = Durability.Synced);

/// <summary>Outcome of a commit. On success <paramref name="Revision"/> is the revision of the operations (of the store, when nothing changed);
/// else <paramref name="Current"/> has one entry per compare, in order, null where the key does not exist.</summary>
public sealed record CommitResult(bool Succeeded, long Revision, IReadOnlyList<KeyValue?> Current);

/// <summary>A change of one key. A delete has no <paramref name="Item"/>; <paramref name="Previous"/> is null for a create.</summary>
public sealed record StoreEvent(string Key, long Revision, KeyValue? Item, KeyValue? Previous);

/// <summary>Why a watch ended.</summary>
public enum StoreWatchEnd
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>The revision asked for, or the watcher's position, was compacted.</summary>
    Compacted,

    /// <summary>The watcher read too slowly for its bounded queue.</summary>
    Overflow,

    /// <summary>The store closes.</summary>
    Closed,
}

/// <summary>Events of one or more commits, whole commits only, in order. <paramref name="Revision"/>: everything up to it has been delivered (progress), also when there are no events.</summary>
public sealed record StoreWatchBatch(IReadOnlyList<StoreEvent> Events, long Revision, StoreWatchEnd End = StoreWatchEnd.None);

/// <summary>Sizes for metrics and quotas.</summary>
public sealed record StoreStatistics(long DiskBytes, long HistoryBytes, long Keys, long CompactedRevision);

/// <summary>The revision asked for has been compacted away.</summary>
public sealed class CompactedException(long revision, long compactedRevision)
    : Exception($"revision {revision} has been compacted; the oldest kept is {compactedRevision}")
{
    /// <summary>The oldest revision that can be read.</summary>
    public long CompactedRevision { get; } = compactedRevision;
}

/// <summary>The revision asked for lies in the future.</summary>
public sealed class FutureRevisionException(long revision, long current)
    : Exception($"revision {revision} has not been reached; the store is at {current}")
{
    /// <summary>The store's revision.</summary>
    public long CurrentRevision { get; } = current;
}
