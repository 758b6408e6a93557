using Kobune.Api;
using Kobune.Api.Selectors;

namespace Kobune.Client.Informers;

/// <summary>The one implementation of <see cref="ICache{T}"/>. Its writer is the informer alone.</summary>
internal sealed class Cache<T> : ICache<T>
    where T : class, IKubernetesObject
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<string, T>> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CacheIndex<T>> _indexes = new(StringComparer.Ordinal);
    private CacheIndex<T>? _owners;
    private long _generation;
    private ulong _revision;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public long Generation => Volatile.Read(ref _generation);

    public ulong Revision => Volatile.Read(ref _revision);

    public T? Find(string ns, string name)
    {
        lock (_lock)
        {
            return _namespaces.TryGetValue(ns, out var objects) ? objects.GetValueOrDefault(name) : null;
        }
    }

    public IReadOnlyList<T> List(string? ns = null) => Collect(ns, null);

    public IReadOnlyList<T> List(string? ns, Selector selector) => Collect(ns, selector);

    public IReadOnlyList<T> ByOwner(string uid)
    {
        lock (_lock)
        {
            _owners ??= Build(o => o.Metadata.OwnerReferences.Select(r => r.Uid));
            return _owners[uid];
        }
    }

    public ICacheIndex<T> Index(string name, Func<T, IEnumerable<string>> values)
    {
        lock (_lock)
        {
            if (!_indexes.TryGetValue(name, out var index))
            {
                _indexes[name] = index = Build(values);
            }

            return index;
        }
    }

    /// <summary>Takes a whole set at once: no reader sees a part of it. Returns what changed.</summary>
    public List<Change<T>> Replace(IReadOnlyList<T> items, ulong revision)
    {
        var changes = new List<Change<T>>();
        lock (_lock)
        {
            var coming = new HashSet<ObjectKey>(items.Count);
            foreach (var item in items)
            {
                coming.Add(ObjectKey.Of(item));
                if (Put(item) is not { } change)
                {
                    continue;
                }

                // Deleted and made anew while nobody looked: whoever keeps something by UID hears of both, as a watch would have told.
                if (change.Old is { } old && old.Metadata.Uid != item.Metadata.Uid)
                {
                    changes.Add(new(ChangeKind.Deleted, old, null));
                    change = new(ChangeKind.Added, null, item);
                }

                changes.Add(change);
            }

            foreach (var gone in _namespaces.Values.SelectMany(n => n.Values).Where(o => !coming.Contains(ObjectKey.Of(o))).ToList())
            {
                Remove(ObjectKey.Of(gone));
                changes.Add(new(ChangeKind.Deleted, gone, null));
            }

            Volatile.Write(ref _revision, revision); // a list after an expired watch may answer from a restored store: it is believed
        }

        return changes;
    }

    /// <summary>Takes a newer revision of an object, or a new object. Null when it is already there.</summary>
    public Change<T>? Set(T item)
    {
        lock (_lock)
        {
            var change = Put(item);
            Advance(Client.Revision.Of(item));
            return change;
        }
    }

    /// <summary>Takes an object out. The change carries its last state.</summary>
    public Change<T>? Delete(T last)
    {
        lock (_lock)
        {
            var known = Remove(ObjectKey.Of(last));
            Advance(Client.Revision.Of(last));
            return known is null ? null : new(ChangeKind.Deleted, last, null);
        }
    }

    /// <summary>Nothing more is to come up to this revision.</summary>
    public void Progress(ulong revision)
    {
        lock (_lock)
        {
            Advance(revision);
        }
    }

    private void Advance(ulong revision)
    {
        if (revision > _revision)
        {
            Volatile.Write(ref _revision, revision);
        }
    }

    private Change<T>? Put(T item)
    {
        var (ns, name) = ObjectKey.Of(item);
        if (!_namespaces.TryGetValue(ns, out var objects))
        {
            _namespaces[ns] = objects = new(StringComparer.Ordinal);
        }

        objects.TryGetValue(name, out var old);
        if (old is not null && old.Metadata.ResourceVersion == item.Metadata.ResourceVersion && old.Metadata.Uid == item.Metadata.Uid)
        {
            return null;
        }

        objects[name] = item;
        _count += old is null ? 1 : 0;
        Reindex(old, item);
        return new(old is null ? ChangeKind.Added : ChangeKind.Modified, old, item);
    }

    private T? Remove(ObjectKey key)
    {
        if (!_namespaces.TryGetValue(key.Namespace, out var objects) || !objects.Remove(key.Name, out var old))
        {
            return null;
        }

        if (objects.Count == 0)
        {
            _namespaces.Remove(key.Namespace);
        }

        _count--;
        Reindex(old, null);
        return old;
    }

    private void Reindex(T? old, T? item)
    {
        _generation++;
        _owners?.Replace(old, item);
        foreach (var index in _indexes.Values)
        {
            index.Replace(old, item);
        }
    }

    private CacheIndex<T> Build(Func<T, IEnumerable<string>> values)
    {
        var index = new CacheIndex<T>(_lock, values);
        foreach (var item in _namespaces.Values.SelectMany(n => n.Values))
        {
            index.Replace(null, item);
        }

        return index;
    }

    private List<T> Collect(string? ns, Selector? selector)
    {
        lock (_lock)
        {
            if (string.IsNullOrEmpty(ns))
            {
                var all = new List<T>(selector is null ? _count : 4);
                foreach (var objects in _namespaces.Values)
                {
                    Add(all, objects.Values, selector);
                }

                return all;
            }

            if (!_namespaces.TryGetValue(ns, out var one))
            {
                return [];
            }

            var list = new List<T>(selector is null ? one.Count : 4);
            Add(list, one.Values, selector);
            return list;
        }
    }

    private static void Add(List<T> list, Dictionary<string, T>.ValueCollection objects, Selector? selector)
    {
        foreach (var item in objects)
        {
            if (selector is null || selector.Matches(item.Metadata.Labels))
            {
                list.Add(item);
            }
        }
    }
}
