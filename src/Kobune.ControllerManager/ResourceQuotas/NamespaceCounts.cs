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
    private volatile ConcurrentDictionary<string, HashSet<string>>? _names;

    /// <summary>The number; null before the first set came.</summary>
    public long? Of(string ns)
    {
        if (_names is not { } known)
        {
            return null;
        }

        if (!known.TryGetValue(ns, out var names))
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
        // As a whole: who counts meanwhile must not find half of them.
        _names = new(items.GroupBy(i => i.Metadata.Namespace).Select(g => KeyValuePair.Create(g.Key, g.Select(i => i.Metadata.Name).ToHashSet(StringComparer.Ordinal))), StringComparer.Ordinal);
        changed(null);
    }

    public void Set(PartialObjectMetadata item) => Change(item, static (names, name) => names.Add(name));

    public void Delete(PartialObjectMetadata item) => Change(item, static (names, name) => names.Remove(name));

    public void Progress(ulong revision)
    {
    }

    public void Failed(string error)
    {
    }

    private void Change(PartialObjectMetadata item, Func<HashSet<string>, string, bool> change)
    {
        var names = _names!.GetOrAdd(item.Metadata.Namespace, _ => new(StringComparer.Ordinal));
        bool isOther;
        lock (names)
        {
            isOther = change(names, item.Metadata.Name);
        }

        if (isOther)
        {
            changed(item.Metadata.Namespace);
        }
    }
}
