using System.Diagnostics;
using System.Globalization;
using Kobune.Machine.Host;

namespace Kobune.Machine.Native;

/// <summary>Starts `kobune init` as PID 1 of new namespaces, detached from the caller, and talks with it until the machine stands.</summary>
/// <param name="spec">The machine.</param>
/// <param name="specFile">What init reads.</param>
internal sealed class InitLauncher(MachineSpec spec, string specFile)
{
    // The shell's first child is PID 1 of the new PID namespace; the shell prints its number as the host sees it, and ends.
    // A background command of sh reads /dev/null, so the pipe is kept on descriptor 3.
    private const string Script = "exec 3<&0 2>>\"$1\"; shift; \"$@\" <&3 3<&- & echo \"pid $!\"";

    /// <summary>Runs the conversation.</summary>
    /// <param name="connect">Called with init's PID; connects its network.</param>
    /// <param name="ct">Cancels; the caller undoes what stands then.</param>
    /// <exception cref="MachineException">Init failed; the message is what it said.</exception>
    public async Task RunAsync(Func<int, Task> connect, CancellationToken ct)
    {
        using var process = Process.Start(StartInfo()) ?? throw new MachineException(MachineFault.Provision, "unshare did not start");
        var talk = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            if (line.StartsWith("pid ", StringComparison.Ordinal))
            {
                await connect(int.Parse(line["pid ".Length..], CultureInfo.InvariantCulture));
                await TellAsync(process, ct);
            }
            else if (line == "ok")
            {
                return;
            }
            else
            {
                talk.Add(line.StartsWith("error ", StringComparison.Ordinal) ? line["error ".Length..] : line);
            }
        }

        throw new MachineException(MachineFault.Provision, talk.Count > 0 ? string.Join("; ", talk) : $"the machine ended before it was ready; see {Path.Combine(spec.Folder, "init.log")}");
    }

    private static async Task TellAsync(Process process, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteLineAsync("go".AsMemory(), ct);
            await process.StandardInput.FlushAsync(ct);
        }
        catch (IOException)
        {
            // It ended already; its last words are read next.
        }
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(
            Programs.Find("unshare") ?? throw new MachineException(MachineFault.MissingProgram, "the program unshare is not installed (package util-linux)"),
            ["--mount", "--net", "--pid", "--uts", "--ipc", "--propagation", "private", "--", "/bin/sh", "-c", Script, "sh", Path.Combine(spec.Folder, "init.log"), spec.Program, "init", specFile])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        foreach (var (name, value) in new[] { RuntimeSettings.WriteXorExecute, RuntimeSettings.NoDiagnostics })
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
