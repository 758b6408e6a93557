namespace Kobune.Addons.Storage;

/// <summary>The folders of volumes on this node.</summary>
internal sealed class VolumeFolders(string root)
{
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;

    /// <summary>Where the volume of a claim lies.</summary>
    public string PathOf(string ns, string claim) => Path.Combine(root, ns, claim);

    /// <summary>Makes a folder that every user may write to, as containers run as any.</summary>
    public static void Make(string path)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Everyone);
        }
    }

    /// <summary>Removes a volume's folder with all that is in it, and its namespace's folder when that is empty then.</summary>
    public void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        var parent = Path.GetDirectoryName(path)!;
        if (IsBelowRoot(parent) && Directory.Exists(parent) && !Directory.EnumerateFileSystemEntries(parent).Any())
        {
            Directory.Delete(parent);
        }
    }

    /// <summary>Empties a folder, hidden files too, and keeps it.</summary>
    public static void Scrub(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    /// <summary>Whether a path is inside of the provisioner's folder: nothing else is ever removed for a provisioned volume.</summary>
    public bool IsBelowRoot(string path) => Path.GetFullPath(path).StartsWith(Path.GetFullPath(root).TrimEnd('/') + "/", StringComparison.Ordinal);
}
