namespace Kobune.Storage.Revisions;

/// <summary>The watches of a store, grouped by prefix, and the timer that tells idle ones how far the store is.</summary>
internal sealed class WatchHub(Lock gate, RevisionIndex index, StoreOptions options, TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, List<Watcher>> _groups = new(StringComparer.Ordinal);
    private ITimer? _progress;
    private bool _progressDue;

    public Lock Gate => gate;

    public long Revision => index.Revision;

    /// <summary>Under the gate.</summary>
    public Watcher Add(string prefix)
    {
        var watcher = new Watcher(this, prefix, options.WatchQueueLength);
        if (!_groups.TryGetValue(prefix, out var group))
        {
            _groups[prefix] = group = [];
        }

        group.Add(watcher);
        return watcher;
    }

    public void Remove(Watcher watcher)
    {
        lock (gate)
        {
            if (_groups.TryGetValue(watcher.Prefix, out var group) && group.Remove(watcher) && group.Count == 0)
            {
                _groups.Remove(watcher.Prefix);
            }
        }
    }

    /// <summary>Under the gate, after the index has the changes. Costs one prefix comparison per group and change.</summary>
    public void Publish(List<Change> changes)
    {
        foreach (var (prefix, group) in _groups)
        {
            var isFirst = true;
            foreach (var change in changes)
            {
                if (change.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    Enqueue(group, change, isFirst);
                    isFirst = false;
                }
            }

            if (!isFirst)
            {
                group.ForEach(static watcher => watcher.Wake());
            }
        }

        ScheduleProgress();
    }

    /// <summary>Under the gate.</summary>
    public void RequestProgress(string prefix)
    {
        if (_groups.TryGetValue(prefix, out var group))
        {
            RequestProgress(group);
        }
    }

    /// <summary>Under the gate.</summary>
    public void EndAll(StoreWatchEnd reason)
    {
        foreach (var group in _groups.Values)
        {
            group.ForEach(watcher => watcher.End(reason));
        }
    }

    public void Dispose() => _progress?.Dispose();

    private static void Enqueue(List<Watcher> group, Change change, bool startsCommit)
    {
        var version = change.Version;
        var happened = new StoreEvent(change.Key, version.Revision, version.IsDelete ? null : version.Item, change.Previous);
        foreach (var watcher in group)
        {
            watcher.Enqueue(happened, startsCommit);
        }
    }

    private void RequestProgress(List<Watcher> group)
    {
        foreach (var watcher in group)
        {
            if (watcher.Delivered < index.Revision)
            {
                watcher.RequestProgress();
            }
        }
    }

    private void ScheduleProgress()
    {
        if (_progressDue || _groups.Count == 0)
        {
            return;
        }

        _progressDue = true;
        if (_progress is null)
        {
            _progress = time.CreateTimer(static hub => ((WatchHub)hub!).SpreadProgress(), this, options.ProgressInterval, Timeout.InfiniteTimeSpan);
            return;
        }

        _progress.Change(options.ProgressInterval, Timeout.InfiniteTimeSpan);
    }

    private void SpreadProgress()
    {
        lock (gate)
        {
            _progressDue = false;
            foreach (var group in _groups.Values)
            {
                RequestProgress(group);
            }
        }
    }
}
