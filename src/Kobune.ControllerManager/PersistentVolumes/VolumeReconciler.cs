using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>Keeps the phase of a volume true and decides what becomes of one whose claim is gone (pv_controller.go syncVolume).</summary>
internal sealed class VolumeReconciler(VolumeCaches caches, VolumeBinding binding, IClient client, IEventRecorder events, VolumeMetrics metrics, Action<ObjectKey> enqueue) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (caches.Volumes.Find(key) is not { } volume)
        {
            return ReconcileResult.Done;
        }

        if (volume.Spec.ClaimRef is not { Uid.Length: > 0 } reference)
        {
            await binding.SetPhaseAsync(volume, PersistentVolumePhase.Available, "", "", ct); // free, or reserved for a claim that did not come yet
            return ReconcileResult.Done;
        }

        var claim = await FindClaimAsync(volume, reference, ct);
        if (claim is null)
        {
            await ReleaseAsync(volume, ct);
        }
        else if (claim.Spec.VolumeName.Length == 0)
        {
            if (!VolumeMatch.SameMode(volume, claim))
            {
                events.Warning(volume, "VolumeMismatch", $"Cannot bind PersistentVolume to requested PersistentVolumeClaim \"{claim.Metadata.Name}\" due to incompatible volumeMode.");
                events.Warning(claim, "VolumeMismatch", $"Cannot bind PersistentVolume \"{volume.Metadata.Name}\" to requested PersistentVolumeClaim due to incompatible volumeMode.");
                return ReconcileResult.Done;
            }

            enqueue(ObjectKey.Of(claim)); // its side of the binding is still to be written
        }
        else if (claim.Spec.VolumeName == volume.Metadata.Name)
        {
            await binding.SetPhaseAsync(volume, PersistentVolumePhase.Bound, "", "", ct);
        }
        else
        {
            await LoserAsync(volume, ct);
        }

        return ReconcileResult.Done;
    }

    /// <summary>The claim, asked of the server where the cache has none: a claim that is only late must not cost its data.</summary>
    private async Task<PersistentVolumeClaim?> FindClaimAsync(PersistentVolume volume, ObjectReference reference, CancellationToken ct)
    {
        var claim = caches.Claims.Find(reference.Namespace, reference.Name);
        if (claim?.Metadata.Uid == reference.Uid)
        {
            return claim;
        }

        if (claim is null && volume.Status.Phase is PersistentVolumePhase.Released or PersistentVolumePhase.Failed)
        {
            return null;
        }

        claim = await client.FindAsync<PersistentVolumeClaim>(reference.Namespace, reference.Name, ct);
        return claim?.Metadata.Uid == reference.Uid ? claim : null;
    }

    /// <summary>The claim took another volume: one that was made for it is of no use to anybody, any other is free again.</summary>
    private async Task LoserAsync(PersistentVolume volume, CancellationToken ct)
    {
        if (volume.Metadata.Annotations.ContainsKey(VolumeAnnotations.ProvisionedBy) && volume.Spec.PersistentVolumeReclaimPolicy == PersistentVolumeReclaimPolicy.Delete)
        {
            await ReleaseAsync(volume, ct);
        }
        else
        {
            await binding.UnbindAsync(volume, ct);
        }
    }

    /// <summary>Released; then by the policy: Retain leaves it, Delete and Recycle are the work of whoever can reach the data.</summary>
    private async Task ReleaseAsync(PersistentVolume volume, CancellationToken ct)
    {
        if (volume.Status.Phase is not (PersistentVolumePhase.Released or PersistentVolumePhase.Failed))
        {
            volume = await binding.SetPhaseAsync(volume, PersistentVolumePhase.Released, "", "", ct);
        }

        if (volume.Status.Phase == PersistentVolumePhase.Failed || ReclaimPlan.Refusal(volume) is not var (reason, message))
        {
            return;
        }

        metrics.NotDeleted(volume);
        await binding.SetPhaseAsync(volume, PersistentVolumePhase.Failed, "", message, ct);
        events.Warning(volume, reason, message);
    }
}
