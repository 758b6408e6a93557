using Kobune.Api.Core.V1;
using Kobune.Kubelet.Admission;
using Kobune.Kubelet.Machine;

namespace Kobune.Kubelet.Volumes;

/// <summary>Volumes behind claims: hostPath ones are used where they are, local ones are bound into the pod's folder, as upstream's plugins do.</summary>
/// <param name="folders">The pods' folders.</param>
/// <param name="claims">Finds the volume of a claim.</param>
/// <param name="node">This node's object; null while it is not known.</param>
internal sealed class ClaimVolumes(PodFolders folders, IClaims claims, Func<Node?> node)
{
    /// <exception cref="VolumeException">The claim or its volume cannot be used.</exception>
    /// <exception cref="MountException">The volume is on another node.</exception>
    internal async Task<MountedVolume> SetUpAsync(Pod pod, string claim, bool readOnly, CancellationToken ct)
    {
        var volume = await claims.FindVolumeAsync(pod, claim, ct);
        if (volume.Spec.NodeAffinity?.Required is { } required && node() is { } here && !required.NodeSelectorTerms.Any(t => NodeMatch.Holds(t, here)))
        {
            throw MountException.OnOtherNode(volume.Metadata.Name);
        }

        if (volume.Spec.VolumeMode == PersistentVolumeMode.Block)
        {
            throw new VolumeException($"volume {volume.Metadata.Name} has volumeMode Block, but is specified in volumeMounts");
        }

        var isReadOnly = readOnly || volume.Spec.AccessModes is [PersistentVolumeAccessMode.ReadOnlyMany];
        if (volume.Spec.HostPath is { } host)
        {
            HostPath.Check(host.Path, host.Type);
            return new(host.Path, isReadOnly);
        }

        return volume.Spec.Local is { } local ? new(Local(pod, volume.Metadata.Name, local.Path, isReadOnly), isReadOnly) : throw new VolumeException("no volume plugin matched");
    }

    private string Local(Pod pod, string name, string path, bool readOnly)
    {
        if (!Directory.Exists(path))
        {
            throw new VolumeException($"path \"{path}\" does not exist");
        }

        var folder = folders.Volume(pod.Metadata.Uid, "kubernetes.io~local-volume", name);
        Directory.CreateDirectory(folder);
        if (Linux.IsMountPoint(folder))
        {
            return folder;
        }

        Linux.Mount(path, folder, "", Linux.Bind, "");
        if (readOnly)
        {
            Linux.Mount(path, folder, "", Linux.Bind | Linux.Remount | Linux.ReadOnly, "");
        }
        else if (pod.Spec.SecurityContext is { FSGroup: { } group } security)
        {
            VolumeOwnership.Give(folder, group, onlyOnMismatch: security.FSGroupChangePolicy == "OnRootMismatch");
        }

        return folder;
    }
}
