using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Volumes;

/// <summary>Finds the persistent volume behind a claim.</summary>
internal interface IClaims
{
    /// <exception cref="VolumeException">The claim is missing or not bound yet.</exception>
    Task<PersistentVolume> FindVolumeAsync(Pod pod, string claim, CancellationToken ct);
}
