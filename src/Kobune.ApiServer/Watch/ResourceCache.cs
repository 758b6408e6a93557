using Kobune.ApiServer.Errors;
using Kobune.Storage;

namespace Kobune.ApiServer.Watch;

/// <summary>The current entries of one key prefix, a window of recent changes, and those who watch. Fed by <see cref="StoreFeed"/> alone; read by anyone.</summary>
internal sealed class ResourceCache
{
    private readonly Lock _lock = new();
    private readonly EventWindow _window;
    private readonly WatcherIndex _watchers;
    private volatile CacheState _state = new(EntryIndex.Empty, 0, 0);

    public ResourceCache(string prefix, string? triggerField, TimeProvider time)
    {
        Prefix = prefix;
        TriggerField = triggerField;
        _window = new(time);
        _watchers = new(triggerField);
    }

    /// <summary>"/registry/pods/", with the slash at the end.</summary>
    public string Prefix { get; }

    /// <summary>The field that its watchers are indexed by, or null.</summary>
    public string? TriggerField { get; }

    /// <summary>The entries and the revision of the last change among them, as one value.</summary>
    public CacheState State => _state;

    public int WatcherCount
    {
        get
        {
            lock (_lock)
            {
                return _watchers.Count;
            }
        }
    }

    /// <summary>Replaces everything by the state at a revision; those who watch are cut with 410 unless this is the first fill.</summary>
    public void Fill(IReadOnlyList<CacheEntry> sorted, long revision)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers.All().ToArray())
            {
                watcher.Cut(StatusErrors.Expired($"too old resource version: the server's window begins at {revision}"));
                _watchers.Remove(watcher);
            }

            _window.Reset(revision);
            _state = new(EntryIndex.FromSorted(sorted), revision, _state.Generation + 1);
        }
    }

    /// <summary>Applies the events of one commit and then tells those who watch: whoever has seen an event finds it in <see cref="State"/>.</summary>
    public void Apply(ReadOnlySpan<StoreEvent> events)
    {
        lock (_lock)
        {
            if (events[^1].Revision <= _state.LastChange)
            {
                return; // the fill has seen it
            }

            var index = _state.Index;
            var changes = new List<CacheChange>(events.Length);
            foreach (var item in events)
            {
                var previous = index.Find(item.Key);
                var current = item.Item is { } value ? CacheEntry.TryFromStored(value) : null;
                if (previous is null && current is null)
                {
                    continue;
                }

                index = current is null ? index.Remove(item.Key) : index.Set(current);
                changes.Add(new(item.Revision, current, previous));
            }

            _state = new(index, events[^1].Revision, _state.Generation + 1);
            foreach (var change in changes)
            {
                _window.Add(change);
                _watchers.Dispatch(change);
                change.Previous?.Forget();
            }
        }
    }

    /// <summary>Lets go of changes that nobody is expected to ask for any more.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            _window.Trim();
        }
    }

    /// <summary>Begins a watch after a revision: what the window holds since then, and a watcher for what follows. Null when the window no longer reaches back.</summary>
    public (CacheWatcher Watcher, List<CacheChange> Missed)? WatchFrom(EntryFilter filter, long revision)
    {
        lock (_lock)
        {
            if (_window.Since(revision) is not { } missed)
            {
                return null;
            }

            var watcher = new CacheWatcher(filter, Math.Max(revision, _state.LastChange));
            _watchers.Add(watcher);
            return (watcher, missed);
        }
    }

    /// <summary>Begins a watch with the current state.</summary>
    public (CacheWatcher Watcher, CacheState State) WatchNow(EntryFilter filter)
    {
        lock (_lock)
        {
            var watcher = new CacheWatcher(filter, _state.LastChange);
            _watchers.Add(watcher);
            return (watcher, _state);
        }
    }

    /// <summary>The oldest revision from which a watch can begin.</summary>
    public long WindowFloor
    {
        get
        {
            lock (_lock)
            {
                return _window.Floor;
            }
        }
    }

    public void Unwatch(CacheWatcher watcher)
    {
        lock (_lock)
        {
            _watchers.Remove(watcher);
        }
    }

    /// <summary>Ends all watches without an error: the server stops.</summary>
    public void Close()
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers.All().ToArray())
            {
                watcher.Cut(null);
                _watchers.Remove(watcher);
            }
        }
    }
}

/// <summary>What a resource holds at one moment. <paramref name="Generation"/> grows with every change.</summary>
internal sealed record CacheState(EntryIndex Index, long LastChange, long Generation);
