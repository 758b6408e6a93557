namespace Kobune.Machine.Files;

/// <summary>
/// Copies the user's own files into a node that starts: HOME/files/PATH becomes /PATH, with its permissions. Folders that exist in the node keep theirs.
/// </summary>
public static class FileSync
{
    /// <summary>Copies a tree over another one, links as links.</summary>
    public static void Copy(string source, string target)
    {
        foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            var to = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                File.Delete(to);
                File.CreateSymbolicLink(to, link);
            }
            else if (entry is DirectoryInfo)
            {
                if (!Directory.Exists(to))
                {
                    Directory.CreateDirectory(to);
                    File.SetUnixFileMode(to, entry.UnixFileMode);
                }

                Copy(entry.FullName, to);
            }
            else
            {
                Replace(entry, to);
            }
        }
    }

    // What is there may be a link out of the way (/etc/resolv.conf) or a program that runs.
    private static void Replace(FileSystemInfo file, string to)
    {
        File.Delete(to);
        File.Copy(file.FullName, to);
        File.SetUnixFileMode(to, file.UnixFileMode);
    }
}
