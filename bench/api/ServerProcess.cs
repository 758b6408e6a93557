using System.Diagnostics;
using System.Globalization;

namespace Kobune.Bench.Api;

/// <summary>CPU and memory of the measured process, from /proc.</summary>
internal sealed class ServerProcess(int pid)
{
    private const double TicksPerSecond = 100;

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu()
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    public double ResidentMiB()
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Starts this program again as the server; the first line it prints is its address.</summary>
    public static async Task<(Process Process, string Address)> StartAsync(string kind, string directory)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve", kind, directory]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the server ended before it answered");
        return (process, address);
    }
}
