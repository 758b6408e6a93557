using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kobune.Api.Core.V1;
using Kobune.Grpc;
using Kobune.Kubelet.Containerd;
using Kobune.Kubelet.Images;
using Kobune.Kubelet.Machine;
using Kobune.Kubelet.Registry;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Volumes;

/// <summary>
/// Volumes that are the files of an image (KEP-4639): pulled as the images of containers are, mounted for reading.
/// Runtimes that know such mounts get the image's name from upstream's kubelet; the containerd that is driven here does not know them, so its layers are mounted here.
/// </summary>
internal sealed class ImageVolumes(PodFolders folders, ImageManager images, ISnapshots snapshots, ContentStore content)
{
    private static readonly string[] Flags = ["ro", "rw", "bind", "rbind"];

    /// <exception cref="ImageException">The image cannot be had now.</exception>
    /// <exception cref="VolumeException">It cannot be mounted.</exception>
    internal async Task<MountedVolume> SetUpAsync(Pod pod, string name, ImageVolumeSource source, CancellationToken ct)
    {
        var folder = folders.Volume(pod.Metadata.Uid, "kubernetes.io~image", name);
        if (Linux.IsMountPoint(folder))
        {
            return new(folder, ReadOnly: true);
        }

        var image = await images.EnsureAsync(pod, new Container { Name = name, Image = source.Reference, ImagePullPolicy = source.PullPolicy }, null, ct);
        Directory.CreateDirectory(folder);
        try
        {
            await snapshots.ViewAsync(ChainOf(image.Id), $"kobune-volume-{pod.Metadata.Uid}-{name}", mounts => Mount(mounts, folder), ct);
        }
        catch (RpcException e)
        {
            throw new VolumeException($"failed to mount image \"{source.Reference}\": {e.Detail}");
        }

        return new(folder, ReadOnly: true);
    }

    /// <summary>The name of all layers of an image, one upon the other (the OCI image specification's ChainID).</summary>
    internal string ChainOf(string imageId)
    {
        var file = content.FileOf(imageId) ?? throw new VolumeException($"the configuration of image {imageId} is not on the node");
        using var configuration = JsonDocument.Parse(File.ReadAllBytes(file));
        var chain = "";
        foreach (var layer in configuration.RootElement.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(d => d.GetString()!))
        {
            chain = chain.Length == 0 ? layer : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(chain + " " + layer)));
        }

        return chain.Length > 0 ? chain : throw new VolumeException($"image {imageId} has no layers");
    }

    private static void Mount(IReadOnlyList<SnapshotMount> mounts, string folder)
    {
        if (mounts is not [var mount])
        {
            throw new VolumeException($"the image is shown by {mounts.Count} mounts, expected one");
        }

        var data = string.Join(',', mount.Options.Where(o => !Flags.Contains(o)));
        if (mount.Type is "bind" or "")
        {
            Linux.Mount(mount.Source, folder, "", Linux.Bind, "");
            Linux.Mount("", folder, "", Linux.Bind | Linux.Remount | Linux.ReadOnly, "");
        }
        else
        {
            Linux.Mount(mount.Source, folder, mount.Type, Linux.ReadOnly, data);
        }
    }
}
