using System.Globalization;

namespace Kobune.Machine.Host;

/// <summary>The pipes and the socket for debuggers that the .NET runtime makes for each process, and takes away at its end.</summary>
public static class RuntimeFiles
{
    /// <summary>Takes away those of a process that becomes another program: its runtime has no end that would.</summary>
    /// <param name="folder">The folder for temporary files.</param>
    /// <param name="process">The process; its start is in the names too, because its number may be another's in another PID namespace.</param>
    public static void Remove(string folder, HostProcess process)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{process.Pid}-{process.StartTime}");
        foreach (var name in new[] { $"clr-debug-pipe-{key}-in", $"clr-debug-pipe-{key}-out", $"dotnet-diagnostic-{key}-socket" })
        {
            try
            {
                File.Delete(Path.Combine(folder, name));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The program that comes next matters more than a file that stays.
            }
        }
    }
}
