using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.Addons.Storage;

/// <summary>
/// Deletes released volumes of this provisioner with their folders; deletes and recycles hand-written hostPath volumes too, which upstream's controller
/// manager does on its own disk or by a pod.
/// </summary>
internal sealed class VolumeReclaimer(ICache<PersistentVolume> volumes, ICache<Node> nodes, IClient client, IEventRecorder events, VolumeFolders folders, StorageOptions options) : IReconciler
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        // Without a claim it is recycled already, and the binder has yet to call it available.
        if (volumes.Find(key) is not { Status.Phase: PersistentVolumePhase.Released, Spec: { HostPath: { } host, ClaimRef: { } claim } } volume || !VolumePlacement.IsHere(volume, n => nodes.Find("", n) is not null, options))
        {
            return ReconcileResult.Done;
        }

        var provisioner = volume.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.ProvisionedBy);
        var policy = volume.Spec.PersistentVolumeReclaimPolicy;
        try
        {
            if (policy == PersistentVolumeReclaimPolicy.Delete && MayDelete(provisioner, host.Path))
            {
                await DeleteAsync(volume, host.Path, ct);
            }
            else if (policy == PersistentVolumeReclaimPolicy.Recycle)
            {
                await RecycleAsync(volume, claim, host.Path, ct);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            events.Warning(volume, policy == PersistentVolumeReclaimPolicy.Delete ? "VolumeFailedDelete" : "VolumeFailedRecycle", e.Message);
            return ReconcileResult.RequeueAfter(Retry);
        }

        return ReconcileResult.Done;
    }

    /// <summary>A provisioned folder only below our own root; a hand-written one below /tmp, which is upstream's rule.</summary>
    private bool MayDelete(string? provisioner, string path) => provisioner switch
    {
        StorageProvisioner.ProvisionerName => folders.IsBelowRoot(path),
        null => Path.GetFullPath(path).StartsWith("/tmp/", StringComparison.Ordinal),
        _ => false,
    };

    private async Task DeleteAsync(PersistentVolume volume, string path, CancellationToken ct)
    {
        if (VolumePlacement.NodeOf(volume) is null || VolumePlacement.NodeOf(volume) == options.NodeName)
        {
            folders.Remove(path); // a node that is gone took its folders along
        }

        try
        {
            await client.DeleteAsync<PersistentVolume>("", volume.Metadata.Name, new DeleteOptions { Preconditions = new() { Uid = volume.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody was quicker.
        }
    }

    private async Task RecycleAsync(PersistentVolume volume, ObjectReference claim, string path, CancellationToken ct)
    {
        VolumeFolders.Scrub(path);
        var annotations = volume.Metadata.Annotations.ToDictionary();
        var byController = annotations.Remove(VolumeAnnotations.BoundByController);
        await client.UpdateAsync(
            volume with
            {
                Metadata = volume.Metadata with { Annotations = annotations },
                Spec = volume.Spec with { ClaimRef = byController ? null : claim with { Uid = "", ResourceVersion = "" } },
            },
            ct);
        events.Normal(volume, "VolumeRecycled", "Volume recycled");
    }
}
