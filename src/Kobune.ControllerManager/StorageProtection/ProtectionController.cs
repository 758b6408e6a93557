using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.StorageProtection;

/// <summary>Registration of the controllers that keep claims, volumes and attributes classes in use from vanishing. Source: pkg/controller/volume/{pvcprotection,pvprotection,vacprotection}.</summary>
internal static class ProtectionController
{
    public const string ClaimFinalizer = "kubernetes.io/pvc-protection";
    public const string VolumeFinalizer = "kubernetes.io/pv-protection";
    public const string ClassFinalizer = "kubernetes.io/vac-protection";

    public static ControllerLoop CreateForClaims(ControllerContext context)
    {
        var controller = context.Controller("persistentvolumeclaim-protection", "pvc-protection-controller", workers: 1);
        var claims = controller.Informer<PersistentVolumeClaim>();
        var pods = controller.Informer<Pod>();
        controller.Runner.For(claims).Watches(pods, ClaimsOf);
        return controller.Build(new ProtectionReconciler<PersistentVolumeClaim>(claims.Cache, ClaimFinalizer, claim => Uses(pods.Cache, claim), IsUsedNowAsync, controller.Client));

        async Task<bool> IsUsedNowAsync(PersistentVolumeClaim claim, CancellationToken ct)
        {
            // The cache may be late, and a finalizer that is gone does not come back: the server has the last word.
            var now = await controller.Untracked.ListAsync<Pod>(claim.Metadata.Namespace, null, ct);
            return now.Items.Any(p => Uses(p, claim));
        }
    }

    public static ControllerLoop CreateForVolumes(ControllerContext context)
    {
        var controller = context.Controller("persistentvolume-protection", "pv-protection-controller", workers: 1);
        var volumes = controller.Informer<PersistentVolume>();
        controller.Runner.For(volumes);
        return controller.Build(new ProtectionReconciler<PersistentVolume>(
            volumes.Cache, VolumeFinalizer, volume => volume.Status.Phase == PersistentVolumePhase.Bound, (volume, _) => Task.FromResult(volume.Status.Phase == PersistentVolumePhase.Bound), controller.Client));
    }

    public static ControllerLoop CreateForClasses(ControllerContext context)
    {
        var controller = context.Controller("volumeattributesclass-protection", "volumeattributesclass-protection-controller", workers: 1);
        var classes = controller.Informer<VolumeAttributesClass>();
        var claims = controller.Informer<PersistentVolumeClaim>();
        var volumes = controller.Informer<PersistentVolume>();
        controller.Runner.For(classes).Watches(claims, c => ClassesOf(c).Select(Key)).Watches(volumes, v => ClassesOf(v).Select(Key));
        return controller.Build(new ProtectionReconciler<VolumeAttributesClass>(
            classes.Cache, ClassFinalizer, c => claims.Cache.List().SelectMany(ClassesOf).Concat(volumes.Cache.List().SelectMany(ClassesOf)).Contains(c.Metadata.Name), IsUsedNowAsync, controller.Client));

        async Task<bool> IsUsedNowAsync(VolumeAttributesClass used, CancellationToken ct)
        {
            var nowClaims = await controller.Untracked.ListAsync<PersistentVolumeClaim>("", null, ct);
            var nowVolumes = await controller.Untracked.ListAsync<PersistentVolume>("", null, ct);
            return nowClaims.Items.SelectMany(ClassesOf).Concat(nowVolumes.Items.SelectMany(ClassesOf)).Contains(used.Metadata.Name);
        }

        static ObjectKey Key(string name) => new("", name);
    }

    /// <summary>The classes that a claim has, asks for, or is on its way to.</summary>
    internal static IEnumerable<string> ClassesOf(PersistentVolumeClaim claim) => new[]
    {
        claim.Spec.VolumeAttributesClassName, claim.Status.CurrentVolumeAttributesClassName, claim.Status.ModifyVolumeStatus?.TargetVolumeAttributesClassName,
    }.OfType<string>().Where(name => name.Length > 0).Distinct();

    internal static IEnumerable<string> ClassesOf(PersistentVolume volume) => volume.Spec.VolumeAttributesClassName is { Length: > 0 } name ? [name] : [];

    internal static IEnumerable<ObjectKey> ClaimsOf(Pod pod) => ClaimNames.Of(pod).Select(c => new ObjectKey(pod.Metadata.Namespace, c.Name));

    private static bool Uses(ICache<Pod> pods, PersistentVolumeClaim claim) => pods.List(claim.Metadata.Namespace).Any(p => Uses(p, claim));

    /// <summary>
    /// A pod that no node has does not use it yet; one that has ended still does, until it is deleted. What was made for an ephemeral volume is free when
    /// only finalizers hold its pod: they may wait for the claim.
    /// </summary>
    internal static bool Uses(Pod pod, PersistentVolumeClaim claim) => pod.Spec.NodeName.Length > 0
        && pod.Metadata.Namespace == claim.Metadata.Namespace
        && ClaimNames.Of(pod).Any(c => c.Name == claim.Metadata.Name && (!c.IsEphemeral || (!IsShutDown(pod) && EphemeralClaim.Complaint(pod, claim) is null)));

    private static bool IsShutDown(Pod pod) => pod.Metadata is { DeletionTimestamp: not null, DeletionGracePeriodSeconds: 0 };
}
