using System.Globalization;

namespace Kobune.Machine.Host;

/// <summary>A process identified so that a reused number or a reboot is never taken for it.</summary>
/// <param name="Pid">Its number in the host's PID namespace.</param>
/// <param name="StartTime">Field 22 of /proc/PID/stat, in clock ticks since boot.</param>
/// <param name="BootId">/proc/sys/kernel/random/boot_id.</param>
public sealed record HostProcess(int Pid, long StartTime, string BootId)
{
    /// <summary>The identity of this boot of the host.</summary>
    public static string CurrentBootId { get; } = ReadBootId();

    /// <summary>Whether the process still runs (a zombie does not).</summary>
    public bool IsRunning => BootId == CurrentBootId && StatOf(Pid) is { } stat && stat.StartTime == StartTime && stat.State is not ('Z' or 'X');

    /// <summary>The process of this number, or null when there is none.</summary>
    public static HostProcess? Of(int pid) => StatOf(pid) is { } stat ? new(pid, stat.StartTime, CurrentBootId) : null;

    /// <summary>Sends a signal, unless the process is gone.</summary>
    public void Signal(int signal)
    {
        if (IsRunning)
        {
            _ = Syscalls.Kill(Pid, signal);
        }
    }

    /// <summary>
    /// Asks for the end (SIGTERM), again every half second, because a process that has just started may not listen yet; false when it still runs after
    /// the time given.
    /// </summary>
    public async Task<bool> TerminateAsync(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < limit)
        {
            Signal(Syscalls.SigTerm);
            if (await WaitAsync(TimeSpan.FromMilliseconds(500), time, ct))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends it at once (SIGKILL) and waits; false when the kernel still holds it after the time given.</summary>
    public Task<bool> KillAsync(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        Signal(Syscalls.SigKill);
        return WaitAsync(limit, time, ct);
    }

    private async Task<bool> WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (IsRunning)
        {
            if (time.GetElapsedTime(start) > limit)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, ct);
        }

        return true;
    }

    private static (char State, long StartTime)? StatOf(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            // The name in parentheses may hold anything, so count from its end: field 3 comes first.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string ReadBootId()
    {
        const string Path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(Path) ? File.ReadAllText(Path).Trim() : "";
    }
}
