using System.Runtime.CompilerServices;

namespace Kobune.Storage.Revisions;

/// <summary>
/// What the stores of this assembly share: the index with its gate, reads through it, watches, expiry and the compaction schedule.
/// A store adds where commits and values go.
/// </summary>
internal sealed class RevisionCore : IDisposable
{
    /// <summary>A value can vanish between index and source only by a compaction in that very moment.</summary>
    private const int LoadAttempts = 5;

    private const int CatchUpBatch = 512;

    private readonly IValueSource _values;
    private readonly StoreOptions _options;
    private readonly CompactionSchedule _schedule;
    private bool _closed;

    public RevisionCore(IValueSource values, StoreOptions options, TimeProvider time, Action expire, Action<long> compact)
    {
        _values = values;
        _options = options;
        Hub = new WatchHub(Gate, Index, options, time);
        Expiry = new ExpiryQueue(time, expire);
        _schedule = new CompactionSchedule(this, options.CompactionInterval, time, compact);
    }

    /// <summary>Guards index, watches and expiry. Nothing is awaited, read from disk or called back under it.</summary>
    public Lock Gate { get; } = new();

    public RevisionIndex Index { get; } = new();

    public WatchHub Hub { get; }

    public ExpiryQueue Expiry { get; }

    public long Revision
    {
        get
        {
            lock (Gate)
            {
                RequireOpen();
                return Index.Revision;
            }
        }
    }

    /// <summary>Under the gate: makes a commit visible to readers and watches.</summary>
    public void Publish(List<Change> changes)
    {
        foreach (var change in changes)
        {
            Index.Append(change.Key, change.Version);
            if (change.Deadline != 0)
            {
                Expiry.Add(change.Key, change.Version, change.Deadline);
            }
        }

        Hub.Publish(changes);
    }

    /// <summary>Under the gate: the revision to compact to when history has outgrown its bound, else 0.</summary>
    public long OverdueCompaction() => Index.HistoryBytes > _options.MaxHistoryBytes ? Index.RevisionThatFrees(_options.MaxHistoryBytes / 2) : 0;

    /// <summary>Under the gate: the expired versions that are still their key's newest.</summary>
    public List<VersionRef> TakeExpired()
    {
        var due = Expiry.TakeDue();
        due.RemoveAll(item => Index.Current(item.Key) != item.Version);
        return due;
    }

    public GetResult Get(string key, long revision)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        for (var attempt = 0; ; attempt++)
        {
            KeyVersion? version;
            long now;
            lock (Gate)
            {
                RequireOpen();
                version = Index.At(key, revision);
                now = Index.Revision;
            }

            if (version is null || version.Item is { } item)
            {
                return new GetResult(version?.Item, now);
            }

            var loaded = new KeyValue[1];
            if (_values.TryLoad([new VersionRef(key, version)], loaded))
            {
                return new GetResult(loaded[0], now);
            }

            RequireAttemptsLeft(attempt, key);
        }
    }

    public RangeResult Range(RangeRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Revision);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Limit);
        for (var attempt = 0; ; attempt++)
        {
            var found = new List<VersionRef>();
            long count, now;
            lock (Gate)
            {
                RequireOpen();
                count = Index.Range(request, found);
                now = Index.Revision;
            }

            var items = new KeyValue[found.Count];
            if (_values.TryLoad(found, items))
            {
                return new RangeResult(items, count, !request.CountOnly && count > items.Length, now);
            }

            RequireAttemptsLeft(attempt, request.Prefix);
        }
    }

    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        Watcher? watcher = null;
        List<HistoryItem> missed = [];
        var end = StoreWatchEnd.None;
        long armedAt;
        lock (Gate)
        {
            armedAt = Index.Revision;
            end = _closed ? StoreWatchEnd.Closed : Index.CanWatchFrom(after) ? StoreWatchEnd.None : StoreWatchEnd.Compacted;
            if (end == StoreWatchEnd.None)
            {
                missed = Index.ChangesAfter(after, prefix);
                watcher = Hub.Add(prefix);
                watcher.StartAt(armedAt);
            }
        }

        if (watcher is null)
        {
            yield return new StoreWatchBatch([], Math.Min(after, armedAt), end);
            yield break;
        }

        try
        {
            for (var next = 0; ;)
            {
                ct.ThrowIfCancellationRequested();
                var batch = CatchUp(missed, ref next, armedAt);
                yield return batch;
                if (batch.End != StoreWatchEnd.None)
                {
                    yield break;
                }

                if (next == missed.Count)
                {
                    break;
                }
            }

            missed = [];
            while (true)
            {
                var batch = Above(await watcher.NextAsync(ct), after);
                yield return batch;
                if (batch.End != StoreWatchEnd.None)
                {
                    yield break;
                }
            }
        }
        finally
        {
            Hub.Remove(watcher);
        }
    }

    public void RequestProgress(string prefix)
    {
        lock (Gate)
        {
            RequireOpen();
            Hub.RequestProgress(prefix);
        }
    }

    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void RequireOpen() => ObjectDisposedException.ThrowIf(_closed, typeof(IStore));

    /// <summary>Ends all watches and refuses every later call.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            _closed = true;
            Hub.EndAll(StoreWatchEnd.Closed);
            Hub.Dispose();
            Expiry.Dispose();
        }

        _schedule.Dispose();
    }

    /// <summary>A watch may be asked for from a revision that is not reached yet; what comes before it is not its business.</summary>
    private static StoreWatchBatch Above(StoreWatchBatch batch, long after) =>
        batch.Events.Count == 0 || batch.Events[0].Revision > after ? batch : batch with { Events = [.. batch.Events.Where(change => change.Revision > after)] };

    private static void RequireAttemptsLeft(int attempt, string what)
    {
        if (attempt >= LoadAttempts)
        {
            throw new StoreException(StoreFailure.Corrupt, $"the value of {what} is missing from the store: restore a backup of it");
        }
    }

    /// <summary>The next whole commits of the history that a new watch has missed.</summary>
    private StoreWatchBatch CatchUp(List<HistoryItem> missed, ref int next, long armedAt)
    {
        var first = next;
        while (next < missed.Count && (next - first < CatchUpBatch || missed[next].Version.Revision == missed[next - 1].Version.Revision))
        {
            next++;
        }

        var wanted = new List<VersionRef>();
        for (var i = first; i < next; i++)
        {
            Want(missed[i].Key, missed[i].Version, wanted);
            Want(missed[i].Key, missed[i].Covered, wanted);
        }

        var values = new KeyValue[wanted.Count];
        if (!_values.TryLoad(wanted, values))
        {
            return new StoreWatchBatch([], first == 0 ? 0 : missed[first - 1].Version.Revision, StoreWatchEnd.Compacted);
        }

        var events = new List<StoreEvent>(next - first);
        var value = 0;
        for (var i = first; i < next; i++)
        {
            var (key, version, covered) = missed[i];
            var item = version.IsDelete ? null : values[value++];
            events.Add(new StoreEvent(key, version.Revision, item, covered is null ? null : values[value++]));
        }

        return new StoreWatchBatch(events, next == missed.Count ? armedAt : missed[next - 1].Version.Revision);
    }

    private static void Want(string key, KeyVersion? version, List<VersionRef> wanted)
    {
        if (version is { IsDelete: false })
        {
            wanted.Add(new VersionRef(key, version));
        }
    }
}
