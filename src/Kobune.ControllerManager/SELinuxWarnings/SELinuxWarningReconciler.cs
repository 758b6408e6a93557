using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.SELinuxWarnings;

/// <summary>Tells pods that share a volume, wherever they run, when their nodes could not mount it for both. Writes nothing but Events.</summary>
internal sealed class SELinuxWarningReconciler(
    ICache<Pod> pods, ICache<PersistentVolumeClaim> claims, ICache<PersistentVolume> volumes, ICache<CSIDriver> drivers, LabelledVolumes labelled, IEventRecorder events) : IReconciler
{
    public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (pods.Find(key) is not { } pod || pod.IsTerminal())
        {
            labelled.Remove(key);
            return Task.FromResult(ReconcileResult.Done);
        }

        foreach (var volume in pod.Spec.Volumes)
        {
            if (Find(pod, volume)?.Spec.CSI is { } csi)
            {
                Look(pod, volume.Name, csi);
            }
        }

        return Task.FromResult(ReconcileResult.Done);
    }

    private void Look(Pod pod, string name, CSIPersistentVolumeSource csi)
    {
        var labels = SELinuxLabels.Of(pod, name);
        if (labels.Count > 1)
        {
            events.Warning(pod, "MultipleSELinuxLabels", $"Volume \"{name}\" is mounted twice with different SELinux labels inside this pod");
            return;
        }

        foreach (var conflict in labelled.Add($"kubernetes.io/csi/{csi.Driver}^{csi.VolumeHandle}", csi.Driver, ObjectKey.Of(pod), UseOf(pod, labels, csi.Driver)))
        {
            Tell(conflict);
            Tell(conflict.Reversed);
        }
    }

    /// <summary>A driver that does not say so mounts without labels, and so does a pod that has none or does not want it.</summary>
    private VolumeUse UseOf(Pod pod, IReadOnlyList<string> labels, string driver)
    {
        var isMounted = drivers.Find("", driver)?.Spec.SELinuxMount == true
            && labels is [{ Length: > 0 }]
            && pod.Spec.SecurityContext?.SELinuxChangePolicy != PodSELinuxChangePolicy.Recursive;
        return isMounted ? new(labels[0], PodSELinuxChangePolicy.MountOption) : new("", PodSELinuxChangePolicy.Recursive);
    }

    private void Tell(SELinuxConflict conflict)
    {
        if (pods.Find(conflict.Pod) is { } pod)
        {
            events.Normal(pod, conflict.Reason, conflict.Message);
        }
    }

    private PersistentVolume? Find(Pod pod, Volume volume)
    {
        var name = volume.PersistentVolumeClaim?.ClaimName ?? (volume.Ephemeral is null ? null : EphemeralClaim.NameOf(pod, volume));
        return name is not null
            && claims.Find(pod.Metadata.Namespace, name) is { Status.Phase: PersistentVolumeClaimPhase.Bound } claim
            && (volume.Ephemeral is null || EphemeralClaim.Complaint(pod, claim) is null)
            && volumes.Find("", claim.Spec.VolumeName) is { } bound && bound.Spec.ClaimRef?.Uid == claim.Metadata.Uid ? bound : null;
    }
}
