using Kobune.Api;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Ownership;

/// <summary>Finds what an owner may claim without looking at a whole namespace.</summary>
internal static class ClaimCandidateExtensions
{
    /// <summary>What the owner controls, and the orphans of its namespace.</summary>
    public static IEnumerable<T> ClaimCandidates<T>(this ICache<T> cache, IKubernetesObject owner)
        where T : class, IKubernetesObject
    {
        var orphans = cache.Index("orphans", o => o.ControllerRef() is null ? [o.Metadata.Namespace] : []);
        return cache.ByOwner(owner.Metadata.Uid).Where(o => o.ControllerRef()?.Uid == owner.Metadata.Uid).Concat(orphans[owner.Metadata.Namespace]);
    }

    /// <summary>What an object of the same kind, namespace and name controls that stood there before the owner.</summary>
    public static IEnumerable<T> OfFormer<T>(this ICache<T> cache, IKubernetesObject owner)
        where T : class, IKubernetesObject
    {
        var (ns, name) = (owner.Metadata.Namespace, owner.Metadata.Name);
        return cache.Index("controllers", o => o.ControllerRef() is { } controller ? [controller.Name] : [])[name]
            .Where(o => o.Metadata.Namespace == ns && o.ControllerRef() is { } controller && controller.Kind == owner.Kind && controller.Uid != owner.Metadata.Uid);
    }
}
