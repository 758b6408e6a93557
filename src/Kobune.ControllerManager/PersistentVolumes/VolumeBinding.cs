using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;
using Kobune.Client;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>
/// The writes of a binding. Four steps, each of which may be the last before a crash: the volume names the claim, the volume is Bound, the claim names
/// the volume, the claim is Bound. Each step does nothing where it was done.
/// </summary>
internal sealed class VolumeBinding(IClient client, TimeProvider time)
{
    private const string Yes = "yes";

    /// <summary>Binds the two to each other.</summary>
    public async Task BindAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken ct)
    {
        volume = await NameClaimAsync(volume, claim, ct);
        volume = await SetPhaseAsync(volume, PersistentVolumePhase.Bound, "", "", ct);
        claim = await NameVolumeAsync(claim, volume, ct);
        await SetPhaseAsync(claim, PersistentVolumeClaimPhase.Bound, volume, ct);
    }

    /// <summary>Takes the claim's UID from a volume, so that it is free; the name too where the controller wrote it.</summary>
    public async Task UnbindAsync(PersistentVolume volume, CancellationToken ct)
    {
        var annotations = volume.Metadata.Annotations.ToDictionary();
        var byController = annotations.Remove(VolumeAnnotations.BoundByController);
        var freed = volume with
        {
            Metadata = volume.Metadata with { Annotations = annotations },
            Spec = volume.Spec with { ClaimRef = byController ? null : volume.Spec.ClaimRef! with { Uid = "", ResourceVersion = "" } },
        };
        await SetPhaseAsync(await client.UpdateAsync(freed, ct), PersistentVolumePhase.Available, "", "", ct);
    }

    /// <summary>Writes the phase of a volume, with the reason of a failure.</summary>
    public async Task<PersistentVolume> SetPhaseAsync(PersistentVolume volume, string phase, string reason, string message, CancellationToken ct)
    {
        if (volume.Status.Phase == phase && volume.Status.Reason == reason && volume.Status.Message == message)
        {
            return volume;
        }

        var at = volume.Status.Phase == phase ? volume.Status.LastPhaseTransitionTime : time.GetUtcNow();
        return await client.UpdateStatusAsync(volume with { Status = volume.Status with { Phase = phase, Reason = reason, Message = message, LastPhaseTransitionTime = at } }, ct);
    }

    /// <summary>Writes the phase of a claim, with what it has of its volume.</summary>
    public async Task<PersistentVolumeClaim> SetPhaseAsync(PersistentVolumeClaim claim, string phase, PersistentVolume? volume, CancellationToken ct)
    {
        var status = ClaimStatusPlan.Compute(claim.Status, phase, volume);
        return status == claim.Status ? claim : await client.UpdateStatusAsync(claim with { Status = status }, ct);
    }

    private async Task<PersistentVolume> NameClaimAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (VolumeMatch.IsBoundTo(volume, claim) && volume.Spec.ClaimRef!.Uid == claim.Metadata.Uid)
        {
            return volume;
        }

        var annotations = volume.Metadata.Annotations.ToDictionary();
        if (!VolumeMatch.IsBoundTo(volume, claim))
        {
            annotations[VolumeAnnotations.BoundByController] = Yes;
        }

        var reference = new ObjectReference
        {
            Kind = "PersistentVolumeClaim",
            APIVersion = "v1",
            Namespace = claim.Metadata.Namespace,
            Name = claim.Metadata.Name,
            Uid = claim.Metadata.Uid,
            ResourceVersion = claim.Metadata.ResourceVersion,
        };
        return await client.UpdateAsync(volume with { Metadata = volume.Metadata with { Annotations = annotations }, Spec = volume.Spec with { ClaimRef = reference } }, ct);
    }

    private async Task<PersistentVolumeClaim> NameVolumeAsync(PersistentVolumeClaim claim, PersistentVolume volume, CancellationToken ct)
    {
        var annotations = claim.Metadata.Annotations.ToDictionary();
        if (claim.Spec.VolumeName == volume.Metadata.Name && annotations.ContainsKey(VolumeAnnotations.BindCompleted))
        {
            return claim;
        }

        if (claim.Spec.VolumeName != volume.Metadata.Name)
        {
            annotations[VolumeAnnotations.BoundByController] = Yes;
        }

        annotations[VolumeAnnotations.BindCompleted] = Yes;
        return await client.UpdateAsync(claim with { Metadata = claim.Metadata with { Annotations = annotations }, Spec = claim.Spec with { VolumeName = volume.Metadata.Name } }, ct);
    }
}
