using System.Globalization;
using System.Text.Json;
using Kobune.Kubelet.Nodes;

namespace Kobune.Kubelet.Stats;

/// <summary>The document of /stats/summary (kubelet/pkg/apis/stats/v1alpha1).</summary>
internal sealed class SummaryWriter(Utf8JsonWriter writer, DateTimeOffset now)
{
    internal static void Write(Utf8JsonWriter writer, string node, MachineFacts machine, NodeStats stats) => new SummaryWriter(writer, stats.Time).Document(node, machine, stats);

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
        FileSystem("ephemeral-storage", disk, pod.Containers.Aggregate(0UL, (sum, c) => sum + c.RootFsBytes + c.LogBytes), null);
        writer.WriteStartObject("process_stats");
        writer.WriteNumber("process_count", pod.Usage.Tasks);
        writer.WriteEndObject();
        writer.WriteEndObject();
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
