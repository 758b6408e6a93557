using System.Globalization;
using System.Text.Json;
using Kobune.Kubelet.Nodes;

namespace Kobune.Kubelet.Stats;

/// <summary>The document of /stats/summary (kubelet/pkg/apis/stats/v1alpha1).</summary>
internal sealed class SummaryWriter(Utf8JsonWriter writer, DateTimeOffset now, Func<string, IReadOnlyList<VolumeUsage>> volumes)
{
    /// <param name="writer">Where to.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="machine">Its size.</param>
    /// <param name="stats">What was gathered.</param>
    /// <param name="volumes">The volumes of a pod by its uid.</param>
    internal static void Write(Utf8JsonWriter writer, string node, MachineFacts machine, NodeStats stats, Func<string, IReadOnlyList<VolumeUsage>> volumes) =>
        new SummaryWriter(writer, stats.Time, volumes).Document(node, machine, stats);

    private void Document(string node, MachineFacts machine, NodeStats stats)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("node");
        writer.WriteString("nodeName", node);
        Time("startTime", stats.StartTime);
        Usage(stats.Node, stats.NanoCores, (ulong)machine.MemoryBytes);
        Network(stats.Network);
        FileSystem("fs", stats.Disk, stats.Disk.UsedBytes, null);
        if (stats.ImageBytes is { } images)
        {
            writer.WriteStartObject("runtime");
            FileSystem("imageFs", stats.Disk, images, null);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteStartArray("pods");
        foreach (var pod in stats.Pods)
        {
            Pod(pod, stats.Disk);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Pod(PodStats pod, DiskUsage disk)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("podRef");
        writer.WriteString("name", pod.Name);
        writer.WriteString("namespace", pod.Namespace);
        writer.WriteString("uid", pod.Uid);
        writer.WriteEndObject();
        Time("startTime", pod.StartTime);
        writer.WriteStartArray("containers");
        foreach (var container in pod.Containers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", container.Name);
            Time("startTime", container.StartTime);
            Usage(container.Usage, container.NanoCores, null);
            FileSystem("rootfs", disk, container.RootFsBytes, container.RootFsInodes);
            FileSystem("logs", disk, container.LogBytes, null);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        Usage(pod.Usage, pod.NanoCores, null);
        Network(pod.Network);
        var all = volumes(pod.Uid);
        if (all.Count > 0)
        {
            Volumes(all);
        }

        // A volume in memory takes nothing of the disk.
        var inVolumes = all.Where(v => v.CapacityBytes == disk.CapacityBytes).Aggregate(0UL, (sum, v) => sum + v.UsedBytes);
        FileSystem("ephemeral-storage", disk, pod.Containers.Aggregate(inVolumes, (sum, c) => sum + c.RootFsBytes + c.LogBytes), null);
        writer.WriteStartObject("process_stats");
        writer.WriteNumber("process_count", pod.Usage.Tasks);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void Volumes(IReadOnlyList<VolumeUsage> all)
    {
        writer.WriteStartArray("volume");
        foreach (var volume in all)
        {
            writer.WriteStartObject();
            Time("time", now);
            writer.WriteNumber("availableBytes", volume.AvailableBytes);
            writer.WriteNumber("capacityBytes", volume.CapacityBytes);
            writer.WriteNumber("usedBytes", volume.UsedBytes);
            writer.WriteNumber("inodesUsed", volume.InodesUsed);
            writer.WriteString("name", volume.Name);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Usage(CgroupUsage usage, ulong nanoCores, ulong? capacity)
    {
        writer.WriteStartObject("cpu");
        Time("time", now);
        writer.WriteNumber("usageNanoCores", nanoCores);
        writer.WriteNumber("usageCoreNanoSeconds", usage.CpuNanoseconds);
        writer.WriteEndObject();
        writer.WriteStartObject("memory");
        Time("time", now);
        if ((usage.MemoryLimit ?? capacity) is { } limit)
        {
            writer.WriteNumber("availableBytes", limit > usage.WorkingSetBytes ? limit - usage.WorkingSetBytes : 0);
        }

        writer.WriteNumber("usageBytes", usage.MemoryBytes);
        writer.WriteNumber("workingSetBytes", usage.WorkingSetBytes);
        writer.WriteNumber("rssBytes", usage.RssBytes);
        writer.WriteNumber("pageFaults", usage.PageFaults);
        writer.WriteNumber("majorPageFaults", usage.MajorPageFaults);
        writer.WriteEndObject();
    }

    /// <summary>The first interface that is not a bridge or a pod's own end stands for all, as upstream takes eth0.</summary>
    private void Network(IReadOnlyList<InterfaceUsage> interfaces)
    {
        if (interfaces.Count == 0)
        {
            return;
        }

        var first = interfaces.FirstOrDefault(i => i.Name == "eth0") ?? interfaces[0];
        writer.WriteStartObject("network");
        Time("time", now);
        Interface(first);
        writer.WriteStartArray("interfaces");
        foreach (var one in interfaces)
        {
            writer.WriteStartObject();
            Interface(one);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Interface(InterfaceUsage usage)
    {
        writer.WriteString("name", usage.Name);
        writer.WriteNumber("rxBytes", usage.ReceivedBytes);
        writer.WriteNumber("rxErrors", usage.ReceiveErrors);
        writer.WriteNumber("txBytes", usage.SentBytes);
        writer.WriteNumber("txErrors", usage.SendErrors);
    }

    private void FileSystem(string name, DiskUsage disk, ulong used, ulong? inodes)
    {
        writer.WriteStartObject(name);
        Time("time", now);
        writer.WriteNumber("availableBytes", disk.AvailableBytes);
        writer.WriteNumber("capacityBytes", disk.CapacityBytes);
        writer.WriteNumber("usedBytes", used);
        if (inodes is { } count)
        {
            writer.WriteNumber("inodesUsed", count);
        }

        writer.WriteEndObject();
    }

    private void Time(string name, DateTimeOffset time) => writer.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
