using Kobune.Kubelet.Machine;

namespace Kobune.Kubelet.Volumes;

/// <summary>fsGroup on volumes with files of their own (volume/volume_linux.go): the group owns everything and may write, what is made later belongs to it too.</summary>
internal static class VolumeOwnership
{
    private const UnixFileMode File = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode Folder = File | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;

    /// <param name="path">The root of the volume.</param>
    /// <param name="group">fsGroup.</param>
    /// <param name="onlyOnMismatch">Leave everything when the root has group and permissions already.</param>
    internal static void Give(string path, long group, bool onlyOnMismatch)
    {
        var root = new DirectoryInfo(path);
        if (onlyOnMismatch && (root.UnixFileMode & Folder) == Folder && FileKind.GroupOf(path) == group)
        {
            return;
        }

        Change(root, group);
    }

    private static void Change(DirectoryInfo folder, long group)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } below)
            {
                Change(below, group);
            }
            else
            {
                Linux.ChangeOwner(entry.FullName, -1, group);
                if (entry.LinkTarget is null)
                {
                    System.IO.File.SetUnixFileMode(entry.FullName, entry.UnixFileMode | File);
                }
            }
        }

        // The folder itself last: a walk that was cut short is seen at the root and repeated.
        Linux.ChangeOwner(folder.FullName, -1, group);
        System.IO.File.SetUnixFileMode(folder.FullName, folder.UnixFileMode | Folder);
    }
}
