using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Machine;

namespace Kobune.Kubelet.Volumes;

/// <summary>A volume ready to be mounted.</summary>
/// <param name="Path">On the node.</param>
/// <param name="ReadOnly">Whether containers may not write, whatever they ask for.</param>
internal sealed record MountedVolume(string Path, bool ReadOnly);

/// <summary>All volumes of a pod: paths by name, and when the files must be refreshed.</summary>
internal sealed record MountedVolumes(IReadOnlyDictionary<string, MountedVolume> ByName, DateTimeOffset? RefreshAt);

/// <summary>One volume could not be set up.</summary>
internal sealed class MountException : Exception
{
    internal MountException(string volume, string message)
        : base($"MountVolume.SetUp failed for volume \"{volume}\" : {message}")
    {
    }

    private MountException(string message)
        : base(message)
    {
    }

    /// <summary>Whether it should have become a block device.</summary>
    internal bool IsMapping { get; private init; }

    /// <summary>The volume cannot be given as a block device.</summary>
    internal static MountException NotMapped(string step, string volume, string message) => new($"MapVolume.{step} for volume \"{volume}\" : {message}") { IsMapping = true };

    /// <summary>The volume's node affinity does not name this node.</summary>
    internal static MountException OnOtherNode(string volume) => new($"MountVolume.NodeAffinity check failed for volume \"{volume}\" : no matching NodeSelectorTerms");
}

/// <summary>The image that a volume is made of is not there: its containers wait for it as for an image of their own.</summary>
internal sealed class ImageVolumeException(string volume, Images.ImageException cause) : Exception(cause.Message, cause)
{
    internal string Volume => volume;

    internal Images.ImageException Cause => cause;
}

/// <summary>Sets up and tears down the volumes of pods, in upstream's folders. Idempotent: setting up again refreshes the files.</summary>
internal sealed class VolumeManager(PodFolders folders, VolumeFiles files, ClaimVolumes claims, ImageVolumes images, TimeProvider time)
{
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;

    /// <exception cref="MountException">The first volume that failed; others are set up by then or not.</exception>
    /// <exception cref="ImageVolumeException">The image of a volume cannot be had now.</exception>
    internal async Task<MountedVolumes> SetUpAsync(Pod pod, VolumeFiles.Context context, CancellationToken ct)
    {
        var mounted = new Dictionary<string, MountedVolume>();
        DateTimeOffset? refresh = null;
        foreach (var volume in pod.Spec.Volumes)
        {
            try
            {
                if (await files.FindAsync(pod, volume, context, ct) is { } found)
                {
                    mounted[volume.Name] = new(WriteFiles(pod, volume, found.Files), ReadOnly: true);
                    refresh = found.RefreshAt is { } at && (refresh is null || at < refresh) ? at : refresh;
                }
                else
                {
                    mounted[volume.Name] = await SetUpAsync(pod, volume, ct);
                }
            }
            catch (Images.ImageException e)
            {
                throw new ImageVolumeException(volume.Name, e);
            }
            catch (Exception e) when (e is VolumeException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
            {
                throw new MountException(volume.Name, e.Message);
            }
        }

        return new(mounted, refresh);
    }

    /// <summary>Unmounts what is mounted below the pod's folder and removes the volumes; the folder itself stays until <see cref="Remove"/>.</summary>
    internal void TearDown(string uid)
    {
        var folder = folders.Pod(uid);
        Linux.UnmountBelow(folder);
        foreach (var volumes in new[] { Path.Combine(folder, "volumes"), folders.VolumeDevices(uid) }.Where(Directory.Exists))
        {
            Directory.Delete(volumes, recursive: true);
        }
    }

    /// <summary>Removes everything of a pod that is over.</summary>
    internal void Remove(string uid)
    {
        TearDown(uid);
        if (Directory.Exists(folders.Pod(uid)))
        {
            Directory.Delete(folders.Pod(uid), recursive: true);
        }
    }

    private string WriteFiles(Pod pod, Volume volume, IReadOnlyDictionary<string, VolumeFile> content)
    {
        // Only configMaps lie on disk; what may be secret stays in memory, as upstream has it.
        var plugin = volume.ConfigMap is not null ? "kubernetes.io~configmap" : volume.Secret is not null ? "kubernetes.io~secret"
            : volume.DownwardAPI is not null ? "kubernetes.io~downward-api" : "kubernetes.io~projected";
        var folder = folders.Volume(pod.Metadata.Uid, plugin, volume.Name);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            if (volume.ConfigMap is null)
            {
                MountMemory(folder, null);
            }

            File.SetUnixFileMode(folder, Everyone);
        }

        var group = pod.Spec.SecurityContext?.FSGroup;
        AtomicWriter.Write(folder, content, group, time);
        return folder;
    }

    private async Task<MountedVolume> SetUpAsync(Pod pod, Volume volume, CancellationToken ct)
    {
        if (volume.EmptyDir is { } empty)
        {
            return new(EmptyDir(pod, volume.Name, empty), ReadOnly: false);
        }

        if (volume.HostPath is { } host)
        {
            HostPath.Check(host.Path, host.Type);
            return new(host.Path, ReadOnly: false);
        }

        if (volume.PersistentVolumeClaim is { } claim)
        {
            return await claims.SetUpAsync(pod, volume.Name, claim.ClaimName, claim.ReadOnly, ct);
        }

        if (volume.Ephemeral is not null)
        {
            return await claims.SetUpAsync(pod, volume.Name, EphemeralClaim.NameOf(pod, volume), readOnly: false, ct);
        }

        if (volume.Image is { } image)
        {
            return await images.SetUpAsync(pod, volume.Name, image, ct);
        }

        throw new VolumeException("no volume plugin matched");
    }

    private string EmptyDir(Pod pod, string name, EmptyDirVolumeSource source)
    {
        var folder = folders.Volume(pod.Metadata.Uid, "kubernetes.io~empty-dir", name);
        if (Directory.Exists(folder) && (source.Medium != "Memory" || Linux.IsMountPoint(folder)))
        {
            return folder;
        }

        Directory.CreateDirectory(folder);
        if (source.Medium == "Memory")
        {
            MountMemory(folder, MemorySize(pod, source));
        }

        var mode = Everyone;
        if (pod.Spec.SecurityContext?.FSGroup is { } group)
        {
            Linux.ChangeOwner(folder, -1, group);
            mode |= UnixFileMode.SetGroup;
        }

        File.SetUnixFileMode(folder, mode);
        return folder;
    }

    /// <summary>The smaller of the volume's and the pod's limit.</summary>
    private static long? MemorySize(Pod pod, EmptyDirVolumeSource source)
    {
        var limited = PodContainers.All(pod).All(c => c.Resources.Limits.ContainsKey("memory"));
        long? pods = limited && PodQuality.Limits(pod).TryGetValue("memory", out var milli) && milli > 0 ? milli / 1000 : null;
        return source.SizeLimit is { Value: > 0 } limit ? Math.Min(limit.Value, pods ?? long.MaxValue) : pods;
    }

    private static void MountMemory(string folder, long? size) => Linux.Mount("tmpfs", folder, "tmpfs", 0, size is { } bytes ? $"size={bytes}" : "");
}
