using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;

namespace Kobune.Api.Volumes;

/// <summary>Which volume suits a claim. Pure; shared by the binder and the scheduler. Source: k8s.io/component-helpers, storage/volume.</summary>
public static class VolumeMatch
{
    private const string Storage = "storage";

    /// <summary>The class that a claim asks for; "" for none.</summary>
    public static string ClassOf(PersistentVolumeClaim claim) =>
        claim.Metadata.Annotations.TryGetValue(VolumeAnnotations.BetaStorageClass, out var beta) ? beta : claim.Spec.StorageClassName ?? "";

    /// <summary>The class that a volume belongs to; "" for none.</summary>
    public static string ClassOf(PersistentVolume volume) =>
        volume.Metadata.Annotations.TryGetValue(VolumeAnnotations.BetaStorageClass, out var beta) ? beta : volume.Spec.StorageClassName;

    /// <summary>Whether the volume names this claim: by its UID, or by its name alone (reserved by hand).</summary>
    public static bool IsBoundTo(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } reference
        && reference.Name == claim.Metadata.Name
        && reference.Namespace == claim.Metadata.Namespace
        && (reference.Uid.Length == 0 || reference.Uid == claim.Metadata.Uid);

    /// <summary>Whether the volume offers every access mode that the claim asks for.</summary>
    public static bool HasModes(PersistentVolume volume, PersistentVolumeClaim claim) => claim.Spec.AccessModes.All(volume.Spec.AccessModes.Contains);

    /// <summary>Why a volume that was asked for by name cannot serve; null when it can. In upstream's words.</summary>
    public static string? Complaint(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Metadata.DeletionTimestamp is not null ? $"the volume is marked for deletion \"{volume.Metadata.Name}\""
        : Size(volume) < Size(claim) ? "requested PV is too small"
        : ClassOf(volume) != ClassOf(claim) ? "storageClassName does not match"
        : Mode(volume.Spec.VolumeMode) != Mode(claim.Spec.VolumeMode) ? "incompatible volumeMode"
        : !HasModes(volume, claim) ? "incompatible accessMode"
        : AttributesClass(volume) != AttributesClass(claim) ? "VolumeAttributesClassName does not match"
        : null;

    /// <summary>Whether both want a file system, or both a block device.</summary>
    public static bool SameMode(PersistentVolume volume, PersistentVolumeClaim claim) => Mode(volume.Spec.VolumeMode) == Mode(claim.Spec.VolumeMode);

    /// <summary>
    /// The best volume: one that names the claim, else the smallest that is large enough among those with the fewest access modes beyond the asked.
    /// </summary>
    /// <param name="claim">The claim, without a volume yet.</param>
    /// <param name="volumes">All volumes.</param>
    /// <param name="isReservedOnly">The claim waits for its first pod: only a volume that names it is taken.</param>
    /// <param name="fitsNode">Whether a volume is reachable from the node in question; null when no node is chosen.</param>
    /// <param name="isTaken">Volumes that are meant for other claims already; null for none.</param>
    public static PersistentVolume? Find(
        PersistentVolumeClaim claim, IEnumerable<PersistentVolume> volumes, bool isReservedOnly, Func<PersistentVolume, bool>? fitsNode = null, Func<PersistentVolume, bool>? isTaken = null)
    {
        var selector = claim.Spec.Selector is { } labels ? Selector.From(labels) : null;
        foreach (var group in volumes.Where(v => HasModes(v, claim)).GroupBy(v => v.Spec.AccessModes.Count).OrderBy(g => g.Key))
        {
            PersistentVolume? best = null;
            foreach (var volume in group.Where(v => isTaken?.Invoke(v) != true && IsUsable(v, claim)).OrderBy(v => v.Metadata.Name, StringComparer.Ordinal))
            {
                if (volume.Spec.ClaimRef is not null)
                {
                    return fitsNode?.Invoke(volume) == false ? null : volume; // reserved for this claim: no other will do
                }

                var suits = !isReservedOnly && volume.Status.Phase == PersistentVolumePhase.Available && selector?.Matches(volume.Metadata.Labels) != false
                    && ClassOf(volume) == ClassOf(claim) && fitsNode?.Invoke(volume) != false;
                best = suits && (best is null || Size(volume) < Size(best)) ? volume : best;
            }

            if (best is not null)
            {
                return best;
            }
        }

        return null;
    }

    private static bool IsUsable(PersistentVolume volume, PersistentVolumeClaim claim) =>
        (volume.Spec.ClaimRef is null || IsBoundTo(volume, claim))
        && volume.Metadata.DeletionTimestamp is null
        && SameMode(volume, claim)
        && AttributesClass(volume) == AttributesClass(claim)
        && Size(volume) >= Size(claim);

    private static Quantity Size(PersistentVolume volume) => volume.Spec.Capacity.GetValueOrDefault(Storage);

    /// <summary>How much storage a claim wants.</summary>
    public static Quantity Size(PersistentVolumeClaim claim) => claim.Spec.Resources.Requests.GetValueOrDefault(Storage);

    private static string Mode(string? mode) => string.IsNullOrEmpty(mode) ? PersistentVolumeMode.Filesystem : mode;

    private static string AttributesClass(PersistentVolume volume) => volume.Spec.VolumeAttributesClassName ?? "";

    private static string AttributesClass(PersistentVolumeClaim claim) => claim.Spec.VolumeAttributesClassName ?? "";
}
