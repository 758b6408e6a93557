using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>What the status of a claim says of its volume. Source: pkg/controller/volume/persistentvolume/pv_controller.go, updateClaimStatus.</summary>
internal static class ClaimStatusPlan
{
    private const string Storage = "storage";

    /// <param name="status">The status so far.</param>
    /// <param name="phase">The phase to come.</param>
    /// <param name="volume">The volume; null when the claim has none, or none any more.</param>
    public static PersistentVolumeClaimStatus Compute(PersistentVolumeClaimStatus status, string phase, PersistentVolume? volume)
    {
        if (volume is null)
        {
            return status with { Phase = phase, AccessModes = [], Capacity = new Dictionary<string, Quantity>(), CurrentVolumeAttributesClassName = null };
        }

        return status with
        {
            Phase = phase,
            AccessModes = volume.Spec.AccessModes,
            Capacity = status.Phase == phase ? status.Capacity : Capacity(status, volume), // one that is being grown keeps the size that it has until the growing is done

            // Whoever modifies a volume writes its class from then on.
            CurrentVolumeAttributesClassName = status.Phase == PersistentVolumeClaimPhase.Pending && phase == PersistentVolumeClaimPhase.Bound
                ? volume.Spec.VolumeAttributesClassName is { Length: > 0 } name ? name : null
                : status.CurrentVolumeAttributesClassName,
        };
    }

    private static IReadOnlyDictionary<string, Quantity> Capacity(PersistentVolumeClaimStatus status, PersistentVolume volume) =>
        !volume.Metadata.Annotations.TryGetValue(VolumeAnnotations.PreResizeCapacity, out var before)
            ? volume.Spec.Capacity
            : new Dictionary<string, Quantity>(status.Capacity) { [Storage] = Quantity.TryParse(before, out var size) ? size : volume.Spec.Capacity.GetValueOrDefault(Storage) };
}
