using System.Globalization;
using Kobune.Machine.Host;

namespace Kobune.Cli.Kubeconfig;

/// <summary>What stands in kubectl's lock file when Kobune holds it: who that is. So a killed command locks nobody out; kubectl's own locks are empty, and nobody knows whose they are.</summary>
internal static class KubeconfigGate
{
    private const string Mark = "kobune";

    /// <summary>Names this process.</summary>
    public static string Own { get; } = Of(HostProcess.Of(Environment.ProcessId)!);

    /// <summary>Whether a process of ours left the file and runs no more.</summary>
    public static bool IsLeftBehind(string file)
    {
        try
        {
            return Read(File.ReadAllText(file)) is { IsRunning: false };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it is gone, or nothing of ours
        }
    }

    internal static string Of(HostProcess process) => string.Create(CultureInfo.InvariantCulture, $"{Mark} {process.Pid} {process.StartTime} {process.BootId}\n");

    private static HostProcess? Read(string text) =>
        text.TrimEnd('\n').Split(' ') is [Mark, var pid, var start, var boot] && int.TryParse(pid, CultureInfo.InvariantCulture, out var number) && long.TryParse(start, CultureInfo.InvariantCulture, out var since)
            ? new(number, since, boot)
            : null;
}
