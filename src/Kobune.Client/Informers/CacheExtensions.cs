using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;

namespace Kobune.Client.Informers;

/// <summary>Questions that many components ask of caches.</summary>
public static class CacheExtensions
{
    /// <summary>One object, or null.</summary>
    public static T? Find<T>(this ICache<T> cache, ObjectKey key)
        where T : class, IKubernetesObject => cache.Find(key.Namespace, key.Name);

    /// <summary>An index of pods by the node to which they are bound; pods without a node stand under "".</summary>
    public static ICacheIndex<Pod> ByNode(this ICache<Pod> cache) => cache.Index("spec.nodeName", pod => [pod.Spec.NodeName]);

    /// <summary>The owner that controls an object, or null.</summary>
    public static OwnerReference? ControllerRef(this IKubernetesObject obj)
    {
        var owners = obj.Metadata.OwnerReferences;
        for (var i = 0; i < owners.Count; i++)
        {
            if (owners[i].Controller == true)
            {
                return owners[i];
            }
        }

        return null;
    }

    /// <summary>Whether the object is going away: it has a deletion timestamp.</summary>
    public static bool IsDeleting(this IKubernetesObject obj) => obj.Metadata.DeletionTimestamp is not null;
}
