using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>Finds a volume for a claim, has one made, or says why there is none (pv_controller.go syncClaim).</summary>
internal sealed class ClaimReconciler(VolumeCaches caches, VolumeBinding binding, IClient client, IEventRecorder events, VolumeMetrics metrics, TimeProvider time) : IReconciler
{
    // Upstream's resync: a claim that waits is told of it again and again.
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(15);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (caches.Claims.Find(key) is not { } claim)
        {
            return ReconcileResult.Done;
        }

        if (claim.Metadata.Annotations.ContainsKey(VolumeAnnotations.BindCompleted))
        {
            await BoundAsync(claim, ct);
            return ReconcileResult.Done;
        }

        return await (claim.Spec.VolumeName.Length == 0 ? UnboundAsync(claim, ct) : NamedAsync(claim, ct));
    }

    /// <summary>A claim whose binding was complete once: it holds, or it is lost.</summary>
    private async Task BoundAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (claim.Spec.VolumeName.Length == 0)
        {
            await LoseAsync(claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!", ct);
        }
        else if (caches.Volumes.Find("", claim.Spec.VolumeName) is not { } volume)
        {
            await LoseAsync(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!", ct);
        }
        else if (volume.Spec.ClaimRef is null || volume.Spec.ClaimRef.Uid == claim.Metadata.Uid)
        {
            await binding.BindAsync(volume, claim, ct);
        }
        else
        {
            await LoseAsync(claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly", ct);
        }
    }

    private async Task<ReconcileResult> UnboundAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        var storage = caches.Classes.Find("", VolumeMatch.ClassOf(claim));
        var waits = storage?.VolumeBindingMode == "WaitForFirstConsumer" && !claim.Metadata.Annotations.ContainsKey(VolumeAnnotations.SelectedNode);
        if (VolumeMatch.Find(claim, caches.Volumes.List(), isReservedOnly: storage?.VolumeBindingMode == "WaitForFirstConsumer") is { } volume)
        {
            await binding.BindAsync(volume, claim, ct);
            return ReconcileResult.Done;
        }

        if (claim.Spec.StorageClassName is null && !claim.Metadata.Annotations.ContainsKey(VolumeAnnotations.BetaStorageClass) && caches.DefaultClass is { } chosen)
        {
            // Made before there was a default class, and no volume without a class is free: it gets the class of now, and with it is looked at anew.
            await DefaultAsync(claim, chosen, ct);
            return ReconcileResult.Done;
        }

        if (waits)
        {
            SayWaiting(claim);
        }
        else if (VolumeMatch.ClassOf(claim) is { Length: > 0 } name)
        {
            claim = await ProvisionAsync(claim, name, storage, ct);
        }
        else
        {
            events.Normal(claim, "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        }

        await binding.SetPhaseAsync(claim, PersistentVolumeClaimPhase.Pending, null, ct);
        return ReconcileResult.RequeueAfter(Reminder);
    }

    private async Task DefaultAsync(PersistentVolumeClaim claim, StorageClass chosen, CancellationToken ct)
    {
        var failed = true;
        try
        {
            await client.UpdateAsync(claim with { Spec = claim.Spec with { StorageClassName = chosen.Metadata.Name } }, ct);
            failed = false;
        }
        finally
        {
            metrics.Defaulted(failed);
        }
    }

    private void SayWaiting(PersistentVolumeClaim claim)
    {
        var waiting = caches.UsersOf(claim).Where(p => p.Spec.NodeName.Length == 0).Select(p => p.Metadata.Name).Order(StringComparer.Ordinal).ToList();
        if (waiting.Count == 0)
        {
            events.Normal(claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        }
        else
        {
            events.Normal(claim, "WaitForPodScheduled", waiting is [var one] ? $"waiting for pod {one} to be scheduled" : $"waiting for pods {string.Join(",", waiting)} to be scheduled");
        }
    }

    /// <summary>Names the provisioner on the claim; it makes the volume.</summary>
    private async Task<PersistentVolumeClaim> ProvisionAsync(PersistentVolumeClaim claim, string name, StorageClass? storage, CancellationToken ct)
    {
        if (storage is null)
        {
            events.Warning(claim, "ProvisioningFailed", $"storageclass.storage.k8s.io \"{name}\" not found");
            return claim;
        }

        if (storage.Provisioner.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            metrics.NotProvisioned(storage.Provisioner);
            events.Warning(claim, "ProvisioningFailed", $"no volume plugin matched name: {storage.Provisioner}");
            return claim;
        }

        var annotations = claim.Metadata.Annotations.ToDictionary();
        if (annotations.GetValueOrDefault(VolumeAnnotations.StorageProvisioner) != storage.Provisioner || annotations.GetValueOrDefault(VolumeAnnotations.BetaStorageProvisioner) != storage.Provisioner)
        {
            annotations[VolumeAnnotations.StorageProvisioner] = annotations[VolumeAnnotations.BetaStorageProvisioner] = storage.Provisioner;
            claim = await client.UpdateAsync(claim with { Metadata = claim.Metadata with { Annotations = annotations } }, ct);
        }

        metrics.Provisioning(claim, storage.Provisioner, time.GetUtcNow());
        events.Normal(
            claim,
            "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{storage.Provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
        return claim;
    }

    /// <summary>The user, or a provisioner, named the volume.</summary>
    private async Task<ReconcileResult> NamedAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (caches.Volumes.Find("", claim.Spec.VolumeName) is not { } volume)
        {
            await binding.SetPhaseAsync(claim, PersistentVolumeClaimPhase.Pending, null, ct);
            return ReconcileResult.Done;
        }

        if (volume.Spec.ClaimRef is null)
        {
            if (VolumeMatch.Complaint(volume, claim) is { } complaint)
            {
                events.Warning(claim, "VolumeMismatch", $"Cannot bind to requested volume \"{volume.Metadata.Name}\": {complaint}");
                await binding.SetPhaseAsync(claim, PersistentVolumeClaimPhase.Pending, null, ct);
                return ReconcileResult.RequeueAfter(Reminder);
            }

            await binding.BindAsync(volume, claim, ct);
            return ReconcileResult.Done;
        }

        if (VolumeMatch.IsBoundTo(volume, claim))
        {
            await binding.BindAsync(volume, claim, ct);
            return ReconcileResult.Done;
        }

        events.Warning(claim, "FailedBinding", $"volume \"{volume.Metadata.Name}\" already bound to a different claim.");
        await binding.SetPhaseAsync(claim, PersistentVolumeClaimPhase.Pending, null, ct);
        return ReconcileResult.RequeueAfter(Reminder);
    }

    private async Task LoseAsync(PersistentVolumeClaim claim, string reason, string message, CancellationToken ct)
    {
        if (claim.Status.Phase == PersistentVolumeClaimPhase.Lost)
        {
            return;
        }

        await binding.SetPhaseAsync(claim, PersistentVolumeClaimPhase.Lost, null, ct);
        events.Warning(claim, reason, message);
    }
}
