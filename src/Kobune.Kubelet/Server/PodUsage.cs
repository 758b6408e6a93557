using Kobune.Kubelet.Nodes;
using Kobune.Kubelet.Pods;

namespace Kobune.Kubelet.Server;

/// <summary>What one pod uses.</summary>
internal sealed record PodUsage(string Name, string Namespace, string Uid, DateTimeOffset StartTime, IReadOnlyList<ContainerUsage> Containers);

/// <summary>What one container uses.</summary>
internal sealed record ContainerUsage(string Name, DateTimeOffset StartTime, ulong CpuNanoseconds, ulong CpuNanoCores, ulong WorkingSetBytes, ulong UsageBytes, ulong RssBytes, ulong RootFsBytes, DateTimeOffset Time)
{
    internal static ContainerUsage Of(Cri.ContainerStats stats, PodWorker worker) => new(
        stats.Attributes.Metadata.Name,
        worker.Status.FindById(stats.Attributes.Id)?.StartedAt ?? default,
        stats.Cpu?.UsageCoreNanoSeconds?.Value ?? 0,
        stats.Cpu?.UsageNanoCores?.Value ?? 0,
        stats.Memory?.WorkingSetBytes?.Value ?? 0,
        stats.Memory?.UsageBytes?.Value ?? 0,
        stats.Memory?.RssBytes?.Value ?? 0,
        stats.WritableLayer?.UsedBytes?.Value ?? 0,
        DateTimeOffset.UnixEpoch.AddTicks((stats.Cpu?.Timestamp ?? 0) / 100));
}

/// <summary>What the whole node uses.</summary>
internal static class NodeUsage
{
    private const double NanosecondsPerTick = 1e9 / 100;

    /// <summary>CPU time of all processes: user, nice, system, irq, softirq and steal of /proc/stat.</summary>
    internal static double CpuNanoseconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(f => double.Parse(f, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]) * NanosecondsPerTick;
    }

    internal static long WorkingSet(MachineFacts machine) => machine.MemoryBytes - MachineFacts.MemInfo("MemAvailable");
}
