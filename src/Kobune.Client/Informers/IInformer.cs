using Kobune.Api;
using Kobune.Api.Meta.V1;

namespace Kobune.Client.Informers;

/// <summary>A cache that follows the server, whatever its type: what a runner needs to know of it.</summary>
public interface IInformer
{
    /// <summary>Which kind it follows.</summary>
    ResourceDescriptor Resource { get; }

    /// <summary>Whether it follows all objects of the kind (no namespace, no selector).</summary>
    bool IsWhole { get; }

    /// <summary>Completes when the first whole set is in the cache.</summary>
    Task Synced { get; }

    /// <summary>Whether <see cref="Synced"/> has completed.</summary>
    bool HasSynced { get; }

    /// <summary>What went wrong last, in words; null when nothing did since the last success.</summary>
    string? LastError { get; }

    /// <summary>The cache shows everything up to this revision.</summary>
    ulong Revision { get; }

    /// <summary>The metadata of the cached object, or null.</summary>
    ObjectMeta? FindMetadata(ObjectKey key);

    /// <summary>Calls back for every object that changed, with its new metadata or null when it is gone. On the informer's thread: be quick.</summary>
    IDisposable SubscribeMetadata(Action<ObjectKey, ObjectMeta?> handler);
}

/// <summary>A cache of one kind that follows the server, shared by all who ask for the same (kind, namespace, selectors).</summary>
public interface IInformer<T> : IInformer
    where T : class, IKubernetesObject
{
    /// <summary>The objects.</summary>
    ICache<T> Cache { get; }

    /// <summary>
    /// Calls back for every change, first with an Added for each object that is already there. The cache shows the change before the handler
    /// runs. Handlers run one after the other on the informer's loop: they enqueue, they do not work.
    /// </summary>
    IDisposable Subscribe(Action<Change<T>> handler);
}
