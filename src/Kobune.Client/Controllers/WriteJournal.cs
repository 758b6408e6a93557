using Kobune.Api;
using Kobune.Client.Informers;

namespace Kobune.Client.Controllers;

/// <summary>One write of a reconciliation and how a cache shows that it has seen it.</summary>
/// <param name="Revision">The revision that the write made; 0 for a delete, which is seen when the object is gone, going or another one.</param>
internal readonly record struct PendingWrite(IInformer Informer, ObjectKey Key, string Uid, ulong Revision)
{
    public bool IsSeen()
    {
        var metadata = Informer.FindMetadata(Key);
        if (Revision == 0)
        {
            return metadata is null || metadata.Uid != Uid || metadata.DeletionTimestamp is not null;
        }

        return Informer.Revision >= Revision || (metadata is not null && metadata.Uid == Uid && Client.Revision.Parse(metadata.ResourceVersion) >= Revision);
    }
}

/// <summary>
/// What the reconciliation that runs in the current flow has written. It belongs to one runner; its client reports to it.
/// Only writes of kinds whose whole collection the runner watches are noted: others no cache will ever show.
/// </summary>
internal sealed class WriteJournal
{
    private readonly AsyncLocal<List<PendingWrite>?> _current = new();
    private readonly Dictionary<ResourceDescriptor, IInformer> _informers = [];

    public void Observe(IInformer informer)
    {
        if (informer.IsWhole)
        {
            _informers[informer.Resource] = informer;
        }
    }

    /// <summary>Starts a reconciliation in this flow; its writes go to the list.</summary>
    public List<PendingWrite> Begin()
    {
        var writes = new List<PendingWrite>();
        _current.Value = writes;
        return writes;
    }

    public void Wrote<T>(T obj)
        where T : class, IKubernetesObject<T>
    {
        if (Find<T>() is { } informer && Revision.Of(obj) is > 0 and var revision)
        {
            Note(new(informer, ObjectKey.Of(obj), obj.Metadata.Uid, revision));
        }
    }

    public void Deleted<T>(ObjectKey key, string? uid)
        where T : class, IKubernetesObject<T>
    {
        if (Find<T>() is { } informer && (uid ?? informer.FindMetadata(key)?.Uid) is { } known)
        {
            Note(new(informer, key, known, 0));
        }
    }

    private IInformer? Find<T>()
        where T : class, IKubernetesObject<T> => _informers.GetValueOrDefault(T.Resource);

    private void Note(PendingWrite write)
    {
        if (_current.Value is { } writes)
        {
            lock (writes)
            {
                writes.Add(write); // a reconciler may write from several tasks
            }
        }
    }
}
