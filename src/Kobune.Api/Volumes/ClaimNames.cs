using Kobune.Api.Core.V1;

namespace Kobune.Api.Volumes;

/// <summary>Which claims a pod uses. Pure.</summary>
public static class ClaimNames
{
    /// <summary>Their names, in the order of the pod's volumes, with whether they are made for an ephemeral one.</summary>
    public static IEnumerable<(string Name, bool IsEphemeral)> Of(Pod pod)
    {
        foreach (var volume in pod.Spec.Volumes)
        {
            if (volume.PersistentVolumeClaim is { } claim)
            {
                yield return (claim.ClaimName, false);
            }
            else if (volume.Ephemeral is not null)
            {
                yield return (EphemeralClaim.NameOf(pod, volume), true);
            }
        }
    }
}
