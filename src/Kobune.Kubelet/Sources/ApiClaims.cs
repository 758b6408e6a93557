using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Sources;

/// <summary>Claims and persistent volumes, read when a pod with them is set up.</summary>
internal sealed class ApiClaims(IClient client) : IClaims
{
    public async Task<PersistentVolume> FindVolumeAsync(Pod pod, string claim, CancellationToken ct)
    {
        try
        {
            var found = await client.GetAsync<PersistentVolumeClaim>(pod.Metadata.Namespace, claim, ct);
            if (ClaimNames.Of(pod).Contains((claim, true)) && EphemeralClaim.Complaint(pod, found) is { } foreign)
            {
                throw new VolumeException(foreign);
            }

            if (found.Metadata.DeletionTimestamp is not null && found.Spec.VolumeName.Length == 0)
            {
                throw new VolumeException("PVC is being deleted");
            }

            if (found.Status.Phase != PersistentVolumeClaimPhase.Bound || found.Spec.VolumeName.Length == 0)
            {
                throw new VolumeException("PVC is not bound");
            }

            var volume = await client.GetAsync<PersistentVolume>("", found.Spec.VolumeName, ct);
            return volume.Spec.ClaimRef?.Uid == found.Metadata.Uid
                ? volume
                : throw new VolumeException($"found PV object {volume.Metadata.Name} with a pv.Spec.ClaimRef.UID {volume.Spec.ClaimRef?.Uid} that does not point to claim.UID {found.Metadata.Uid}");
        }
        catch (ApiException e)
        {
            throw new VolumeException($"error fetching persistent volume claim {pod.Metadata.Namespace}/{claim}: {e.Message}", e);
        }
    }
}
