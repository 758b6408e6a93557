using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;

namespace Kobune.ControllerManager.PersistentVolumes;

/// <summary>
/// Whether anybody can delete or recycle a released volume. The controller itself touches no disk: hostPath volumes are deleted and recycled by the
/// storage provisioner of their node, provisioned ones by their provisioner.
/// </summary>
internal static class ReclaimPlan
{
    /// <summary>Reason and message of a failure; null when somebody will do it, or nothing is to be done.</summary>
    public static (string Reason, string Message)? Refusal(PersistentVolume volume)
    {
        var name = volume.Metadata.Name;
        switch (volume.Spec.PersistentVolumeReclaimPolicy)
        {
            case PersistentVolumeReclaimPolicy.Recycle when volume.Spec.HostPath is null:
                return ("VolumeFailedRecycle", "No recycler plugin found for the volume!");
            case PersistentVolumeReclaimPolicy.Delete when !volume.Metadata.Annotations.ContainsKey(VolumeAnnotations.ProvisionedBy) && volume.Spec.CSI is null:
                return volume.Spec.HostPath is not { } host
                    ? ("VolumeFailedDelete", $"error getting deleter volume plugin for volume \"{name}\": no deletable volume plugin matched")
                    : host.Path.StartsWith("/tmp/", StringComparison.Ordinal) && host.Path.Length > "/tmp/".Length
                        ? null
                        : ("VolumeFailedDelete", $"host_path deleter only supports /tmp/.+ but received provided {host.Path}");
            default:
                return null;
        }
    }
}
