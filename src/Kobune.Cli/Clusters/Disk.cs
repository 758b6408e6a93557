namespace Kobune.Cli.Clusters;

/// <summary>Room on the disk that holds a folder.</summary>
internal static class Disk
{
    /// <summary>Bytes that may still be written below a folder, which need not exist yet.</summary>
    public static long FreeBytes(string folder) => Of(folder).AvailableFreeSpace;

    /// <summary>Whether 99 % are used: pods and images find no room then (minikube's limit for /var).</summary>
    public static bool IsAlmostFull(string folder)
    {
        var drive = Of(folder);
        var used = drive.TotalSize - drive.TotalFreeSpace;
        return used >= 0.99 * (used + drive.AvailableFreeSpace);
    }

    private static DriveInfo Of(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        return new(existing);
    }
}
