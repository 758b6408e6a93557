using Kobune.Storage.Revisions;

namespace Kobune.Storage.Memory;

/// <summary>A store in memory, for tests and for clusters inside a test process. It holds no thread and no file, and forgets everything when disposed.</summary>
public sealed class MemoryStore : IStore
{
    private readonly TimeProvider _time;
    private readonly RevisionCore _core;

    /// <param name="time">The clock of expiry and compaction; the system's when null.</param>
    /// <param name="options">Bounds and intervals; defaults when null.</param>
    public MemoryStore(TimeProvider? time = null, StoreOptions? options = null)
    {
        _time = time ?? TimeProvider.System;
        _core = new RevisionCore(new Items(), options ?? new StoreOptions { MaxHistoryBytes = 16 << 20 }, _time, Expire, Compact);
    }

    /// <inheritdoc/>
    public ValueTask<long> GetRevisionAsync(CancellationToken ct) => ValueTask.FromResult(_core.Revision);

    /// <inheritdoc/>
    public ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken ct) => ValueTask.FromResult(_core.Get(key, revision));

    /// <inheritdoc/>
    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken ct) => ValueTask.FromResult(_core.Range(request));

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        TransactionRules.Require(transaction);
        lock (_core.Gate)
        {
            _core.RequireOpen();
            return ValueTask.FromResult(Commit(transaction));
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long afterRevision, CancellationToken ct) => _core.WatchAsync(prefix, afterRevision, ct);

    /// <inheritdoc/>
    public ValueTask RequestProgressAsync(string prefix, CancellationToken ct)
    {
        _core.RequestProgress(prefix);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask CompactAsync(long revision, CancellationToken ct)
    {
        lock (_core.Gate)
        {
            _core.RequireOpen();
            _core.Index.RequireCompactable(revision);
            _core.Index.Compact(revision, dropped: null);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken ct)
    {
        lock (_core.Gate)
        {
            _core.RequireOpen();
            return ValueTask.FromResult(new StoreStatistics(0, _core.Index.HistoryBytes, _core.Index.Keys, _core.Index.Compacted));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _core.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What the store holds now. Values are shared, so it costs a list.</summary>
    public MemorySnapshot Snapshot()
    {
        lock (_core.Gate)
        {
            _core.RequireOpen();
            var deadlines = _core.Expiry.Deadlines();
            var found = new List<VersionRef>();
            _core.Index.Range(new RangeRequest("/"), found);
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            return new([.. found.Select(f => new MemorySnapshot.Entry(f.Key, f.Version.Item!.Value, deadlines.TryGetValue(f.Version, out var end) ? end - now : null))]);
        }
    }

    /// <summary>
    /// Makes the store hold what it held at a snapshot, as writes at new revisions: revisions never go back. Every watch ends as compacted, and so do
    /// older reads. What had a time to live has the rest that it had then.
    /// </summary>
    public void Restore(MemorySnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        lock (_core.Gate)
        {
            _core.RequireOpen();
            _core.Hub.EndAll(StoreWatchEnd.Compacted);
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            var kept = snapshot.Entries.Select(e => e.Key).ToHashSet(StringComparer.Ordinal);
            var held = new List<VersionRef>();
            _core.Index.Range(new RangeRequest("/"), held);
            var operations = held.Where(h => !kept.Contains(h.Key)).Select(h => (Operation: Operation.Delete(h.Key), Deadline: 0L))
                .Concat(snapshot.Entries.Select(e => (Operation: Operation.Put(e.Key, e.Value), Deadline: e.Rest is { } rest ? now + Math.Max(1, rest) : 0)));
            foreach (var commit in operations.Chunk(VersionId.MaxChanges))
            {
                var revision = _core.Index.Revision + 1;
                var changes = new List<Change>(commit.Length);
                foreach (var (operation, deadline) in commit)
                {
                    var current = _core.Index.Current(operation.Key);
                    changes.Add(ChangePlan.Of(operation, current, current?.Item, VersionId.Of(revision, changes.Count), deadline));
                }

                _core.Publish(changes);
            }

            _core.Index.Compact(_core.Index.Revision, dropped: null);
        }
    }

    private CommitResult Commit(Transaction transaction)
    {
        var index = _core.Index;
        foreach (var compare in transaction.Compares)
        {
            if (!TransactionRules.Holds(compare, index.Current(compare.Key)))
            {
                return new CommitResult(false, index.Revision, [.. transaction.Compares.Select(missed => index.Current(missed.Key)?.Item)]);
            }
        }

        var revision = index.Revision + 1;
        var changes = new List<Change>(transaction.Operations.Count);
        foreach (var operation in transaction.Operations)
        {
            var current = index.Current(operation.Key);
            if (current is not null || operation.Value is not null)
            {
                changes.Add(ChangePlan.Of(operation, current, current?.Item, VersionId.Of(revision, changes.Count), ExpiryQueue.Deadline(_time, operation.TimeToLive)));
            }
        }

        Publish(changes);
        return new CommitResult(true, index.Revision, []);
    }

    private void Publish(List<Change> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        _core.Publish(changes);
        if (_core.OverdueCompaction() is > 0 and var overdue)
        {
            _core.Index.Compact(overdue, dropped: null);
        }
    }

    private void Compact(long revision)
    {
        lock (_core.Gate)
        {
            _core.Index.Compact(revision, dropped: null);
        }
    }

    private void Expire()
    {
        lock (_core.Gate)
        {
            foreach (var (key, version) in _core.TakeExpired())
            {
                Publish([ChangePlan.Of(Operation.Delete(key), version, version.Item, VersionId.Of(_core.Index.Revision + 1, 0), deadline: 0)]);
            }
        }
    }

    /// <summary>Versions never leave memory before compaction drops them whole.</summary>
    private sealed class Items : IValueSource
    {
        public bool TryLoad(IReadOnlyList<VersionRef> versions, KeyValue[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = versions[i].Version.Item!;
            }

            return true;
        }
    }
}
