namespace Kobune.ApiServer.Watch;

/// <summary>Watchers by what they pin: metadata.name, the kind's trigger field (spec.nodeName), namespace, or nothing. A change asks only those that could want it.
/// Guarded by the cache's lock.</summary>
internal sealed class WatcherIndex(string? triggerField)
{
    private readonly Dictionary<string, List<CacheWatcher>> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CacheWatcher>> _byTrigger = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CacheWatcher>> _byNamespace = new(StringComparer.Ordinal);
    private readonly List<CacheWatcher> _rest = [];
    private long _stamp;

    public int Count { get; private set; }

    public void Add(CacheWatcher watcher)
    {
        ListOf(watcher.Filter, create: true)!.Add(watcher);
        Count++;
    }

    public void Remove(CacheWatcher watcher)
    {
        if (ListOf(watcher.Filter, create: false) is { } list && list.Remove(watcher))
        {
            Count--;
            Forget(watcher.Filter, list);
        }
    }

    public void Dispatch(CacheChange change)
    {
        if (Count == 0)
        {
            return;
        }

        _stamp++;
        var any = change.Current ?? change.Previous!;
        Offer(_byName, any.Name, change);
        Offer(_byNamespace, any.Namespace, change);
        if (_byTrigger.Count > 0)
        {
            DispatchTrigger(change);
        }

        foreach (var watcher in _rest)
        {
            watcher.Offer(change, _stamp);
        }
    }

    public IEnumerable<CacheWatcher> All() =>
        _byName.Values.Concat(_byTrigger.Values).Concat(_byNamespace.Values).SelectMany(list => list).Concat(_rest);

    private void DispatchTrigger(CacheChange change)
    {
        var now = change.Current?.Trigger(triggerField!);
        var before = change.Previous?.Trigger(triggerField!);
        if (now is not null)
        {
            Offer(_byTrigger, now, change);
        }

        if (before is not null && before != now)
        {
            Offer(_byTrigger, before, change);
        }
    }

    private void Offer(Dictionary<string, List<CacheWatcher>> index, string key, CacheChange change)
    {
        if (index.TryGetValue(key, out var list))
        {
            foreach (var watcher in list)
            {
                watcher.Offer(change, _stamp);
            }
        }
    }

    private List<CacheWatcher>? ListOf(EntryFilter filter, bool create)
    {
        var (index, key) = Place(filter);
        if (index is null)
        {
            return _rest;
        }

        if (!index.TryGetValue(key, out var list) && create)
        {
            index[key] = list = [];
        }

        return list;
    }

    private void Forget(EntryFilter filter, List<CacheWatcher> list)
    {
        var (index, key) = Place(filter);
        if (list.Count == 0)
        {
            index?.Remove(key);
        }
    }

    private (Dictionary<string, List<CacheWatcher>>? Index, string Key) Place(EntryFilter filter)
    {
        if (filter.Name is { } name)
        {
            return (_byName, name);
        }

        if (triggerField is not null && filter.Fields.ExactValue(triggerField) is { } trigger)
        {
            return (_byTrigger, trigger);
        }

        return filter.Namespace.Length > 0 ? (_byNamespace, filter.Namespace) : (null, "");
    }
}
