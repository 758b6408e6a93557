namespace Kobune.Cli.Paths.Probes;

/// <summary>Finds a container's process in the node and reads what its network listens on.</summary>
internal static class ContainerSockets
{
    private static readonly (string Protocol, string File)[] Tables = [("TCP", "tcp"), ("TCP", "tcp6"), ("UDP", "udp"), ("UDP", "udp6")];

    /// <summary>The listening sockets; null when no process of the container runs here.</summary>
    /// <param name="containerId">Without the runtime's prefix.</param>
    public static IReadOnlyList<Listener>? Read(string containerId)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out _) || !Belongs(process, containerId))
            {
                continue;
            }

            try
            {
                return [.. Tables.SelectMany(t => SocketTable.Parse(t.Protocol, File.ReadAllText($"{process}/net/{t.File}"))).Distinct()];
            }
            catch (IOException)
            {
                // It ended meanwhile; another process of the container may live.
            }
        }

        return null;
    }

    // The cgroup's path ends with the container's id in every layout.
    private static bool Belongs(string process, string containerId)
    {
        try
        {
            return File.ReadAllText(process + "/cgroup").Contains(containerId, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
