using System.Diagnostics;
using System.Globalization;
using Kobune.Machine.Host;

namespace Kobune.Bench.Api;

/// <summary>CPU and memory of the measured processes, from /proc: of an API server, and of its store when that is a process of its own.</summary>
internal sealed class ServerProcess(params IReadOnlyList<int> pids)
{
    private const double TicksPerSecond = 100;

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu() => pids.Aggregate(TimeSpan.Zero, (sum, pid) => sum + Cpu(pid));

    public double ResidentMiB() => pids.Sum(ResidentMiB);

    /// <summary>Starts this program again as the server; the first line it prints is its address.</summary>
    public static async Task<(Process Process, string Address)> StartAsync(string kind, string directory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve", kind, directory]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in RuntimeSettings.OfNode)
        {
            start.Environment[name] = value; // as a node has them
        }

        var process = Process.Start(start)!;
        var address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the server ended before it answered");
        return (process, address);
    }

    private static TimeSpan Cpu(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    private static double ResidentMiB(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
