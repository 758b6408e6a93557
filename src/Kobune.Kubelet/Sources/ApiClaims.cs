using Kobune.Api.Core.V1;
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
            if (found.Metadata.DeletionTimestamp is not null && found.Spec.VolumeName.Length == 0)
            {
                throw new VolumeException($"PVC is being deleted: {claim}");
            }

            return found.Status.Phase == "Bound" && found.Spec.VolumeName.Length > 0
                ? await client.GetAsync<PersistentVolume>("", found.Spec.VolumeName, ct)
                : throw new VolumeException("PVC is not bound");
        }
        catch (ApiException e)
        {
            throw new VolumeException($"error fetching persistent volume claim {pod.Metadata.Namespace}/{claim}: {e.Message}", e);
        }
    }
}
