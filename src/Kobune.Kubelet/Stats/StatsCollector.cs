using System.Globalization;
using Kobune.Kubelet.Cgroups;
using Kobune.Kubelet.Nodes;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Stats;

/// <summary>Gathers what the node and its pods use: cgroups for CPU and memory, the runtime for writable layers, /proc for networks. Nothing runs between two questions.</summary>
internal sealed class StatsCollector(PodWorkers workers, ICriRuntime runtime, MachineFacts machine, KubeletOptions options, TimeProvider time)
{
    private const ulong NanosecondsPerTick = 10_000_000;
    private readonly CgroupReader _cgroups = new(options.CgroupRoot);
    private readonly CpuRates _rates = new();
    private readonly DateTimeOffset _started = time.GetUtcNow();

    public async Task<NodeStats> CollectAsync(CancellationToken ct)
    {
        var byPod = (await runtime.ListContainerStatsAsync(ct)).GroupBy(s => s.Attributes.Labels.TryGetValue(ContainerLabels.PodUid, out var uid) ? uid : "");
        var pods = byPod.Select(group => workers.Find(group.Key) is { } worker ? Pod(worker, group) : null).OfType<PodStats>().ToList();
        var now = time.GetUtcNow();
        var node = _cgroups.Read(options.CgroupParent) is { CpuNanoseconds: > 0 } own ? own : Machine();
        _rates.Trim(now);
        return new(now, node, _rates.NanoCores("", node.CpuNanoseconds, _started, now), _started, NetworkUsage.OfProcess(Environment.ProcessId), Disk(), await ImageBytesAsync(ct), pods);
    }

    private PodStats Pod(PodWorker worker, IEnumerable<Cri.ContainerStats> containers)
    {
        var pod = worker.Pod;
        var path = PodCgroup.Path(pod, options.CgroupParent);
        var started = worker.PublishedStatus.StartTime ?? _started;
        var all = containers.Select(c => Container(worker, path, c)).OfType<ContainerStats>().OrderBy(c => c.Name, StringComparer.Ordinal).ToList();
        var now = time.GetUtcNow();
        var usage = _cgroups.Read(path) ?? Sum(all);
        var sandbox = worker.Status.ReadySandbox;
        var network = pod.Spec.HostNetwork || sandbox is null ? [] : NetworkUsage.OfProcess(_cgroups.FirstProcess($"{path}/{sandbox.Id}"));
        return new(pod.Metadata.Name, pod.Metadata.Namespace, worker.Uid, started, path, usage, _rates.NanoCores(path, usage.CpuNanoseconds, started, now), network, all);
    }

    /// <summary>Null for a container that does not run: its counters are gone.</summary>
    private ContainerStats? Container(PodWorker worker, string pod, Cri.ContainerStats stats)
    {
        var id = stats.Attributes.Id;
        if (worker.Status.FindById(id) is not { IsRunning: true } container)
        {
            return null;
        }

        var path = $"{pod}/{id}";
        var usage = _cgroups.Read(path) ?? OfRuntime(stats);
        return new(
            container.Name, id, container.Image, path, container.StartedAt, usage, _rates.NanoCores(path, usage.CpuNanoseconds, container.StartedAt, time.GetUtcNow()),
            stats.WritableLayer?.UsedBytes?.Value ?? 0, stats.WritableLayer?.InodesUsed?.Value ?? 0, Size(container.LogPath));
    }

    /// <summary>What the runtime says, where cgroups cannot be read.</summary>
    private static CgroupUsage OfRuntime(Cri.ContainerStats stats)
    {
        var (usage, working) = (stats.Memory?.UsageBytes?.Value ?? 0, stats.Memory?.WorkingSetBytes?.Value ?? 0);
        return new()
        {
            CpuNanoseconds = stats.Cpu?.UsageCoreNanoSeconds?.Value ?? 0,
            MemoryBytes = Math.Max(usage, working),
            InactiveFileBytes = usage > working ? usage - working : 0,
            RssBytes = stats.Memory?.RssBytes?.Value ?? 0,
            PageFaults = stats.Memory?.PageFaults?.Value ?? 0,
            MajorPageFaults = stats.Memory?.MajorPageFaults?.Value ?? 0,
        };
    }

    private static CgroupUsage Sum(IReadOnlyList<ContainerStats> containers)
    {
        ulong Of(Func<CgroupUsage, ulong> field) => containers.Aggregate(0UL, (sum, c) => sum + field(c.Usage));
        return new() { CpuNanoseconds = Of(u => u.CpuNanoseconds), MemoryBytes = Of(u => u.MemoryBytes), InactiveFileBytes = Of(u => u.InactiveFileBytes), RssBytes = Of(u => u.RssBytes) };
    }

    /// <summary>The machine itself, where the node is not in a cgroup of its own: user, nice, system, irq, softirq and steal of /proc/stat.</summary>
    private CgroupUsage Machine()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(f => ulong.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        var (total, free, available) = (machine.MemoryBytes, MachineFacts.MemInfo("MemFree"), MachineFacts.MemInfo("MemAvailable"));
        return new()
        {
            CpuNanoseconds = (fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]) * NanosecondsPerTick,
            UserNanoseconds = (fields[0] + fields[1]) * NanosecondsPerTick,
            SystemNanoseconds = fields[2] * NanosecondsPerTick,
            MemoryBytes = (ulong)(total - free),
            InactiveFileBytes = (ulong)Math.Max(0, available - free),
            RssBytes = (ulong)MachineFacts.MemInfo("AnonPages"),
            CacheBytes = (ulong)MachineFacts.MemInfo("Cached"),
        };
    }

    private DiskUsage Disk()
    {
        var drive = new DriveInfo(options.RootDirectory);
        return new((ulong)drive.TotalSize, (ulong)drive.AvailableFreeSpace, (ulong)(drive.TotalSize - drive.TotalFreeSpace));
    }

    private async Task<ulong?> ImageBytesAsync(CancellationToken ct)
    {
        try
        {
            return await runtime.ImageFsInfoAsync(ct) is [{ UsedBytes.Value: var used }, ..] ? used : null;
        }
        catch (Kobune.Grpc.RpcException)
        {
            return null;
        }
    }

    private static ulong Size(string file) => File.Exists(file) ? (ulong)new FileInfo(file).Length : 0;
}
