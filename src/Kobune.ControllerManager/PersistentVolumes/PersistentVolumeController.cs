using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>
/// Registration of the volume binder. A key with a namespace is a claim, one without is a volume. One worker: a choice among volumes is made by one
/// claim at a time. Source: pkg/controller/volume/persistentvolume.
/// </summary>
internal static class PersistentVolumeController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("persistentvolume-binder", "persistent-volume-binder", workers: 1, eventSource: "persistentvolume-controller");
        var claims = controller.Informer<PersistentVolumeClaim>();
        var volumes = controller.Informer<PersistentVolume>();
        var classes = controller.Informer<StorageClass>();
        var pods = controller.Informer<Pod>();
        var byClaim = volumes.Cache.Index("claim", v => v.Spec.ClaimRef is { } claim ? [claim.Namespace + "/" + claim.Name] : []);
        void AddAll(Func<PersistentVolumeClaim, bool> where)
        {
            foreach (var claim in claims.Cache.List().Where(where))
            {
                controller.Runner.Queue.Add(ObjectKey.Of(claim));
            }
        }

        controller.Runner
            .For(claims)
            .Watches(claims, claim => [.. byClaim[ObjectKey.Of(claim).ToString()].Select(ObjectKey.Of), .. claim.Spec.VolumeName.Length > 0 ? [new ObjectKey("", claim.Spec.VolumeName)] : Array.Empty<ObjectKey>()])
            .For(volumes)
            .Watches(volumes, volume => volume.Spec.ClaimRef is { } claim ? [new(claim.Namespace, claim.Name)] : [])
            .On(volumes, change =>
            {
                // A volume that came free, or went: claims that found none, or that lost theirs, look again.
                AddAll(claim => claim.Status.Phase == PersistentVolumeClaimPhase.Bound ? claim.Spec.VolumeName == change.Key.Name : change.New is { Spec.ClaimRef: null });
            })
            .On(classes, _ => AddAll(claim => claim.Spec.VolumeName.Length == 0))
            .On(pods, change =>
            {
                if (change.Old is null || change.Old.Spec.NodeName != change.Object.Spec.NodeName)
                {
                    foreach (var claim in StorageProtection.ProtectionController.ClaimsOf(change.Object))
                    {
                        controller.Runner.Queue.Add(claim);
                    }
                }
            });
        var caches = new VolumeCaches(claims.Cache, volumes.Cache, classes.Cache, pods.Cache);
        var binding = new VolumeBinding(controller.Client, controller.Time);
        var metrics = context.Options.Metrics.Volumes;
        metrics.Follow(caches);
        controller.Runner.On(claims, change =>
        {
            if (change.New is not { } claim)
            {
                metrics.Forget(change.Object);
            }
            else if (claim.Status.Phase == PersistentVolumeClaimPhase.Bound)
            {
                metrics.Bound(claim, context.Time.GetUtcNow());
            }
        });
        return controller.Build(new PersistentVolumeReconciler(
            new ClaimReconciler(caches, binding, controller.Client, controller.Events, metrics, context.Time),
            new VolumeReconciler(caches, binding, controller.Client, controller.Events, metrics, controller.Runner.Queue.Add)));
    }
}
