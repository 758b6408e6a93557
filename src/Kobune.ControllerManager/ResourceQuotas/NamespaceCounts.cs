using System.Collections.Concurrent;
using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ResourceQuotas;

/// <summary>How many objects of one kind each namespace has.</summary>
/// <param name="changed">Told of a namespace whose number is another now; of null when any may be.</param>
internal sealed class NamespaceCounts(Action<string?> changed) : IReflectorSink<PartialObjectMetadata>
{
    private readonly ConcurrentDictionary<string, HashSet<string>> _names = new(StringComparer.Ordinal);
    private volatile bool _isKnown;

    /// <summary>The number; null before the first set came.</summary>
    public long? Of(string ns)
    {
        if (!_isKnown)
        {
            return null;
        }

        if (!_names.TryGetValue(ns, out var names))
        {
            return 0;
        }

        lock (names)
        {
            return names.Count;
        }
    }

    public void Replace(IReadOnlyList<PartialObjectMetadata> items, ulong revision)
    {
        _names.Clear();
        foreach (var item in items)
        {
            Change(item, static (names, name) => names.Add(name));
        }

        _isKnown = true;
        changed(null);
    }

    public void Set(PartialObjectMetadata item)
    {
        if (Change(item, static (names, name) => names.Add(name)))
        {
            changed(item.Metadata.Namespace);
        }
    }

    public void Delete(PartialObjectMetadata item)
    {
        if (Change(item, static (names, name) => names.Remove(name)))
        {
            changed(item.Metadata.Namespace);
        }
    }

    public void Progress(ulong revision)
    {
    }

    public void Failed(string error)
    {
    }

    private bool Change(PartialObjectMetadata item, Func<HashSet<string>, string, bool> change)
    {
        var names = _names.GetOrAdd(item.Metadata.Namespace, _ => new(StringComparer.Ordinal));
        lock (names)
        {
            return change(names, item.Metadata.Name);
        }
    }
}
