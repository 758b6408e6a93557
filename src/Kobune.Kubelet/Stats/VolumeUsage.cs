namespace Kobune.Kubelet.Stats;

/// <summary>What a volume of a pod takes on the node's disk.</summary>
/// <param name="Name">Its name in the pod.</param>
/// <param name="UsedBytes">Of its files.</param>
/// <param name="InodesUsed">Files and folders, itself included.</param>
/// <param name="CapacityBytes">Of the file system that it is on.</param>
/// <param name="AvailableBytes">The same.</param>
internal sealed record VolumeUsage(string Name, ulong UsedBytes, ulong InodesUsed, ulong CapacityBytes, ulong AvailableBytes)
{
    // The kinds whose files the kubelet makes itself. Folders of the node have no figures upstream either (volume/hostpath, MetricsNil).
    private static readonly string[] Plugins = ["kubernetes.io~empty-dir", "kubernetes.io~configmap", "kubernetes.io~secret", "kubernetes.io~projected", "kubernetes.io~downward-api"];
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    /// <summary>The volumes below a pod's folder, by name; a file that goes meanwhile is not counted.</summary>
    internal static IReadOnlyList<VolumeUsage> Below(string podFolder) =>
    [
        .. from plugin in Plugins
           let folder = Path.Combine(podFolder, "volumes", plugin)
           where Directory.Exists(folder)
           from volume in Directory.EnumerateDirectories(folder)
           let usage = Of(volume)
           where usage is not null
           orderby usage.Name
           select usage,
    ];

    private static VolumeUsage? Of(string folder)
    {
        try
        {
            var (bytes, inodes) = (0UL, 1UL);
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything))
            {
                inodes++;
                bytes += entry is FileInfo { Exists: true } file ? (ulong)file.Length : 0;
            }

            var drive = new DriveInfo(folder);
            return new(Path.GetFileName(folder), bytes, inodes, (ulong)drive.TotalSize, (ulong)drive.AvailableFreeSpace);
        }
        catch (IOException)
        {
            return null; // the pod ends
        }
    }
}
