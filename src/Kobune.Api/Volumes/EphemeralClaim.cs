using Kobune.Api.Core.V1;

namespace Kobune.Api.Volumes;

/// <summary>The claim behind a generic ephemeral volume (component-helpers/storage/ephemeral). Pure.</summary>
public static class EphemeralClaim
{
    /// <summary>Its name: "POD-VOLUME".</summary>
    public static string NameOf(Pod pod, Volume volume) => $"{pod.Metadata.Name}-{volume.Name}";

    /// <summary>Why a claim of that name is not the volume's; null when it is: somebody may have made one of the same name by hand.</summary>
    public static string? Complaint(Pod pod, PersistentVolumeClaim claim) =>
        claim.Metadata.Namespace == pod.Metadata.Namespace && claim.Metadata.OwnerReferences.Any(o => o.Controller == true && o.Uid == pod.Metadata.Uid)
            ? null
            : $"PVC {claim.Metadata.Namespace}/{claim.Metadata.Name} was not created for pod {pod.Metadata.Namespace}/{pod.Metadata.Name} (pod is not owner)";
}
