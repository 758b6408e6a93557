using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.AttachDetach;

/// <summary>A volume that a CSI driver has to attach to a node before a pod there can mount it.</summary>
/// <param name="Volume">Name of the PersistentVolume.</param>
/// <param name="Driver">Name of the driver.</param>
/// <param name="Handle">The driver's own name of the volume.</param>
/// <param name="IsExclusive">Whether one node at a time may have it.</param>
internal sealed record AttachableVolume(string Volume, string Driver, string Handle, bool IsExclusive)
{
    /// <summary>Its name in status.volumesInUse and status.volumesAttached of nodes.</summary>
    public string UniqueName => $"kubernetes.io/csi/{Driver}^{Handle}";

    /// <summary>The volume of a PersistentVolume; null when its plugin has nothing to attach.</summary>
    public static AttachableVolume? Of(PersistentVolume volume, Func<string, bool> attaches) => volume.Spec.CSI is { } csi && attaches(csi.Driver)
        ? new(volume.Metadata.Name, csi.Driver, csi.VolumeHandle, !volume.Spec.AccessModes.Any(m => m is "ReadWriteMany" or "ReadOnlyMany") && volume.Spec.AccessModes.Count > 0)
        : null;

    /// <summary>The name of its VolumeAttachment for a node: "csi-" and the hash of handle, driver and node.</summary>
    public string AttachmentOn(string node) => "csi-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Handle + Driver + node)));
}
