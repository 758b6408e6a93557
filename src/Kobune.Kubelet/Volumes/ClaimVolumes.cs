using Kobune.Api.Core.V1;
using Kobune.Kubelet.Admission;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Machine;

namespace Kobune.Kubelet.Volumes;

/// <summary>Volumes behind claims: hostPath ones are used where they are, local ones are bound into the pod's folder, as upstream's plugins do.</summary>
/// <param name="folders">The pods' folders.</param>
/// <param name="claims">Finds the volume of a claim.</param>
/// <param name="node">This node's object; null while it is not known.</param>
internal sealed class ClaimVolumes(PodFolders folders, IClaims claims, Func<Node?> node)
{
    private const string LocalPlugin = "kubernetes.io~local-volume";
    private readonly Lock _exclusive = new();

    /// <param name="pod">The pod.</param>
    /// <param name="name">The volume's name in the pod.</param>
    /// <param name="claim">The claim's.</param>
    /// <param name="readOnly">Whether the pod's volume is read-only.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="VolumeException">The claim or its volume cannot be used.</exception>
    /// <exception cref="MountException">The volume is on another node, or cannot be a block device.</exception>
    internal async Task<MountedVolume> SetUpAsync(Pod pod, string name, string claim, bool readOnly, CancellationToken ct)
    {
        var volume = await claims.FindVolumeAsync(pod, claim, ct);
        if (volume.Spec.NodeAffinity?.Required is { } required && node() is { } here && !required.NodeSelectorTerms.Any(t => NodeMatch.Holds(t, here)))
        {
            throw MountException.OnOtherNode(volume.Metadata.Name);
        }

        // kubelet/volumemanager/populator, desired_state_of_world_populator.go, createVolumeSpec.
        var mode = volume.Spec.VolumeMode ?? PersistentVolumeMode.Filesystem;
        if (mode == PersistentVolumeMode.Block && PodContainers.All(pod).Any(c => c.VolumeMounts.Any(m => m.Name == name)))
        {
            throw new VolumeException($"volume {name} has volumeMode {mode}, but is specified in volumeMounts");
        }

        if (mode != PersistentVolumeMode.Block && PodContainers.All(pod).Any(c => c.VolumeDevices.Any(d => d.Name == name)))
        {
            throw new VolumeException($"volume {name} has volumeMode {mode}, but is specified in volumeDevices");
        }

        var isReadOnly = readOnly || volume.Spec.AccessModes is [PersistentVolumeAccessMode.ReadOnlyMany];
        if (mode == PersistentVolumeMode.Block)
        {
            return new(Device(pod, volume), isReadOnly);
        }

        if (volume.Spec.HostPath is null && volume.Spec.Local is null)
        {
            throw new VolumeException("no volume plugin matched");
        }

        if (volume.Spec.HostPath is { } host)
        {
            HostPath.Check(host.Path, host.Type);
            Claim(pod, volume, "kubernetes.io~host-path");
            return new(host.Path, isReadOnly);
        }

        Claim(pod, volume, LocalPlugin);
        return new(Local(pod, volume.Metadata.Name, volume.Spec.Local!.Path, isReadOnly), isReadOnly);
    }

    // A volume of the one mode ReadWriteOncePod is for one pod at a time; the scheduler sees to that too, but not for pods that name their node. Whose it is stands
    // in the pods' folders, as with every mounted volume, so it outlives a restart. Source: operationexecutor, GenerateMountVolumeFunc.
    private void Claim(Pod pod, PersistentVolume volume, string plugin)
    {
        if (!IsExclusive(volume))
        {
            return;
        }

        lock (_exclusive)
        {
            RequireUnused(pod, volume);
            Directory.CreateDirectory(folders.Volume(pod.Metadata.Uid, plugin, volume.Metadata.Name));
        }
    }

    private void RequireUnused(Pod pod, PersistentVolume volume)
    {
        if (IsExclusive(volume) && folders.AllOf(volume.Metadata.Name).Any(v => v.Uid != pod.Metadata.Uid))
        {
            throw new VolumeException("volume uses the ReadWriteOncePod access mode and is already in use by another pod");
        }
    }

    private static bool IsExclusive(PersistentVolume volume) => volume.Spec.AccessModes is [PersistentVolumeAccessMode.ReadWriteOncePod];

    // The path of a local volume is the device; containers get it under the name that they ask for. Source: volume/local, BlockVolumeMapper.
    private string Device(Pod pod, PersistentVolume volume)
    {
        var name = volume.Metadata.Name;
        if (volume.Spec.Local is not { } local)
        {
            throw volume.Spec.HostPath is not null
                ? MountException.NotMapped("FindMapperPluginBySpec failed to find BlockVolumeMapper plugin. Volume plugin is nil.", name, "<nil>")
                : MountException.NotMapped("FindMapperPluginBySpec failed", name, "no volume plugin matched");
        }

        if (!File.Exists(local.Path) || FileKind.Of(local.Path) != 'b')
        {
            throw MountException.NotMapped("MapBlockVolume failed", name, $"blkUtil.AttachFileDevice failed. globalMapPath:{folders.GlobalDevices(LocalPlugin, name)}, podUID: {pod.Metadata.Uid}: {(File.Exists(local.Path) ? "not a device" : "device not found")}");
        }

        lock (_exclusive)
        {
            RequireUnused(pod, volume);
            var link = Path.Combine(folders.VolumeDevices(pod.Metadata.Uid), LocalPlugin, name);
            if (!Path.Exists(link))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(link)!);
                File.CreateSymbolicLink(link, local.Path);
            }

            return link;
        }
    }

    private string Local(Pod pod, string name, string path, bool readOnly)
    {
        if (!Directory.Exists(path))
        {
            throw new VolumeException($"path \"{path}\" does not exist");
        }

        var folder = folders.Volume(pod.Metadata.Uid, LocalPlugin, name);
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
