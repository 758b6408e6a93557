using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Kobune.Machine.Host;
using static Kobune.Machine.Host.Syscalls;

namespace Kobune.Machine.Mounts;

/// <summary>Mounts folders of the host into a machine that runs, and takes them away again.</summary>
/// <param name="driver">Runs the commands in the machine.</param>
public sealed class LiveMounts(IMachineDriver driver)
{
    /// <summary>Shows a folder in the machine. Its own folder of that path is made where there is none.</summary>
    /// <exception cref="MachineException">The kernel or the machine refused.</exception>
    public async Task AttachAsync(string machine, HostMount mount, CancellationToken ct)
    {
        await RunAsync(machine, ["mkdir", "-p", "-m", Convert.ToString(mount.Mode, 8), mount.Target], ct);
        using var tree = DetachedMount.Open(mount);
        using var names = File.OpenHandle($"/proc/{driver.InitOf(machine)}/ns/mnt");
        InNamespace(names.DangerousGetHandle().ToInt32(), () => tree.Attach(mount.Target));
    }

    /// <summary>Takes the newest mount of a path away; nothing happens when there is none.</summary>
    public async Task DetachAsync(string machine, string target, CancellationToken ct)
    {
        if (driver.StateOf(machine) == MachineState.Running && await IsMountedAsync(machine, target, ct))
        {
            await RunAsync(machine, ["umount", "--lazy", target], ct);
        }
    }

    /// <summary>Whether something is mounted on a path of the machine.</summary>
    public async Task<bool> IsMountedAsync(string machine, string target, CancellationToken ct)
    {
        var start = driver.CommandIn(machine, ["mountpoint", "-q", target]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0;
    }

    // A thread of its own may leave the process's namespace, once it shares its root and working folder with nobody. It runs system calls alone: a file
    // that the runtime wanted to load there would not be found.
    private static void InNamespace(int names, Action action)
    {
        _ = MoveMount(-1, ""); // binds the call before the root changes
        ExceptionDispatchInfo? problem = null;
        var thread = new Thread(() =>
        {
            try
            {
                Check(Unshare(CloneFs), "unshare");
                Check(EnterNamespace(names, CloneNewns), "enter the machine");
                action();
            }
            catch (Exception e)
            {
                problem = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        problem?.Throw();
    }

    private async Task RunAsync(string machine, IReadOnlyList<string> command, CancellationToken ct)
    {
        var start = driver.CommandIn(machine, command);
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
        {
            throw new MachineException(MachineFault.Provision, error.Trim());
        }
    }
}
