using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.Scheduler.Volumes;

/// <summary>The claims of a pod, sorted by what is left to do for them.</summary>
/// <param name="Bound">Both sides are bound.</param>
/// <param name="Delayed">Unbound; their class waits for the pod to be scheduled.</param>
/// <param name="Immediate">Unbound; the binder is to bind them without regard to pods.</param>
internal sealed record PodClaims(IReadOnlyList<PersistentVolumeClaim> Bound, IReadOnlyList<PersistentVolumeClaim> Delayed, IReadOnlyList<PersistentVolumeClaim> Immediate)
{
    /// <summary>Names of the claims that a pod uses.</summary>
    public static IEnumerable<(ObjectKey Key, bool IsEphemeral)> KeysOf(Pod pod) => ClaimNames.Of(pod).Select(c => (new ObjectKey(pod.Metadata.Namespace, c.Name), c.IsEphemeral));

    /// <summary>Why no node can take the pod whatever it is, in upstream's words; null when its claims exist and live.</summary>
    public static string? Complaint(Pod pod, VolumeView view)
    {
        foreach (var (key, ephemeral) in KeysOf(pod))
        {
            if (view.FindClaim(key) is not { } claim)
            {
                return ephemeral ? $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{key.Name}\"" : $"persistentvolumeclaim \"{key.Name}\" not found";
            }

            if (ephemeral && EphemeralClaim.Complaint(pod, claim) is { } foreign)
            {
                return foreign;
            }

            if (claim.Status.Phase == PersistentVolumeClaimPhase.Lost)
            {
                return $"persistentvolumeclaim \"{key.Name}\" bound to non-existent persistentvolume \"{claim.Spec.VolumeName}\"";
            }

            if (claim.IsDeleting())
            {
                return $"persistentvolumeclaim \"{key.Name}\" is being deleted";
            }
        }

        return null;
    }

    public static PodClaims Of(Pod pod, VolumeView view)
    {
        var (bound, delayed, immediate) = (new List<PersistentVolumeClaim>(), new List<PersistentVolumeClaim>(), new List<PersistentVolumeClaim>());
        foreach (var claim in KeysOf(pod).Select(k => view.FindClaim(k.Key)).OfType<PersistentVolumeClaim>())
        {
            (IsBound(claim) ? bound : IsDelayed(claim, view) ? delayed : immediate).Add(claim);
        }

        return new(bound, delayed, immediate);
    }

    /// <summary>The binder has finished with it.</summary>
    public static bool IsBound(PersistentVolumeClaim claim) => claim.Spec.VolumeName.Length > 0 && claim.Metadata.Annotations.ContainsKey(VolumeAnnotations.BindCompleted);

    private static bool IsDelayed(PersistentVolumeClaim claim, VolumeView view) =>
        claim.Spec.VolumeName.Length == 0 && view.FindClass(VolumeMatch.ClassOf(claim))?.VolumeBindingMode == "WaitForFirstConsumer";
}
