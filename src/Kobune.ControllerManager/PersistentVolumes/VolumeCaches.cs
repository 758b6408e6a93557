using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>What the binder reads.</summary>
internal sealed record VolumeCaches(ICache<PersistentVolumeClaim> Claims, ICache<PersistentVolume> Volumes, ICache<StorageClass> Classes, ICache<Pod> Pods)
{
    private const string DefaultClassAnnotation = "storageclass.kubernetes.io/is-default-class";
    private const string BetaDefaultClassAnnotation = "storageclass.beta.kubernetes.io/is-default-class";

    /// <summary>The default class: the newest of several, by name where equally old.</summary>
    public StorageClass? DefaultClass => Classes.List()
        .Where(c => c.Metadata.Annotations.GetValueOrDefault(DefaultClassAnnotation) == "true" || c.Metadata.Annotations.GetValueOrDefault(BetaDefaultClassAnnotation) == "true")
        .OrderByDescending(c => c.Metadata.CreationTimestamp)
        .ThenBy(c => c.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>Pods that use a claim and have not ended.</summary>
    public IEnumerable<Pod> UsersOf(PersistentVolumeClaim claim) => Pods.List(claim.Metadata.Namespace)
        .Where(p => p.Status.Phase is not (PodPhase.Succeeded or PodPhase.Failed) && ClaimNames.Of(p).Any(c => c.Name == claim.Metadata.Name));
}
