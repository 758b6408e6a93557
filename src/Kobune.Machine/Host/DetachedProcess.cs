using System.Diagnostics;
using System.Globalization;

namespace Kobune.Machine.Host;

/// <summary>Starts a program that outlives the caller: a session of its own, no terminal, its words in a file.</summary>
public static class DetachedProcess
{
    // In the background of a shell without job control the child is no group leader, so setsid does not fork and $! is the program itself.
    // The file is emptied before the child is there: callers wait for words in it, and must not meet those of the program before.
    private const string Script = "log=$1; shift; : >\"$log\"; setsid \"$@\" >>\"$log\" 2>&1 </dev/null & echo $!";

    /// <summary>Starts it and returns at once.</summary>
    /// <param name="program">Its full path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="log">The file for its output, written anew.</param>
    /// <param name="ct">Ends the wait for the shell.</param>
    /// <exception cref="MachineException">It ended at once.</exception>
    public static async Task<HostProcess> StartAsync(string program, IReadOnlyList<string> arguments, string log, CancellationToken ct)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", log, program, .. arguments]) { RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        var pid = int.Parse((await shell.StandardOutput.ReadLineAsync(ct))!, CultureInfo.InvariantCulture);
        await shell.WaitForExitAsync(ct);
        return HostProcess.Of(pid) ?? throw new MachineException(MachineFault.Provision, $"{program} ended at once; see {log}");
    }
}
