using System.Globalization;
using System.Text.Json;
using Kobune.Kubelet.Nodes;

namespace Kobune.Kubelet.Server;

/// <summary>The document of /stats/summary (kubelet/pkg/apis/stats/v1alpha1), as far as the runtime knows.</summary>
internal static class SummaryWriter
{
    internal static void Write(Utf8JsonWriter writer, string node, MachineFacts machine, DateTimeOffset started, DateTimeOffset now, IReadOnlyList<PodUsage> pods)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("node");
        writer.WriteString("nodeName", node);
        Time(writer, "startTime", started);
        writer.WriteStartObject("cpu");
        Time(writer, "time", now);
        writer.WriteNumber("usageCoreNanoSeconds", (ulong)NodeUsage.CpuNanoseconds());
        writer.WriteEndObject();
        writer.WriteStartObject("memory");
        Time(writer, "time", now);
        writer.WriteNumber("availableBytes", MachineFacts.MemInfo("MemAvailable"));
        writer.WriteNumber("usageBytes", machine.MemoryBytes - MachineFacts.MemInfo("MemFree"));
        writer.WriteNumber("workingSetBytes", NodeUsage.WorkingSet(machine));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("pods");
        foreach (var pod in pods)
        {
            Pod(writer, pod);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Pod(Utf8JsonWriter writer, PodUsage pod)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("podRef");
        writer.WriteString("name", pod.Name);
        writer.WriteString("namespace", pod.Namespace);
        writer.WriteString("uid", pod.Uid);
        writer.WriteEndObject();
        Time(writer, "startTime", pod.StartTime);
        writer.WriteStartArray("containers");
        foreach (var container in pod.Containers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", container.Name);
            Time(writer, "startTime", container.StartTime);
            Usage(writer, container.Time, container.CpuNanoCores, container.CpuNanoseconds, container.WorkingSetBytes, container.UsageBytes, container.RssBytes);
            writer.WriteStartObject("rootfs");
            Time(writer, "time", container.Time);
            writer.WriteNumber("usedBytes", container.RootFsBytes);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        var newest = pod.Containers.Count > 0 ? pod.Containers.Max(c => c.Time) : pod.StartTime;
        Usage(writer, newest, Sum(pod, c => c.CpuNanoCores), Sum(pod, c => c.CpuNanoseconds), Sum(pod, c => c.WorkingSetBytes), Sum(pod, c => c.UsageBytes), Sum(pod, c => c.RssBytes));
        writer.WriteEndObject();
    }

    private static void Usage(Utf8JsonWriter writer, DateTimeOffset time, ulong nanoCores, ulong nanoseconds, ulong workingSet, ulong usage, ulong rss)
    {
        writer.WriteStartObject("cpu");
        Time(writer, "time", time);
        writer.WriteNumber("usageNanoCores", nanoCores);
        writer.WriteNumber("usageCoreNanoSeconds", nanoseconds);
        writer.WriteEndObject();
        writer.WriteStartObject("memory");
        Time(writer, "time", time);
        writer.WriteNumber("usageBytes", usage);
        writer.WriteNumber("workingSetBytes", workingSet);
        writer.WriteNumber("rssBytes", rss);
        writer.WriteEndObject();
    }

    private static ulong Sum(PodUsage pod, Func<ContainerUsage, ulong> of) => pod.Containers.Aggregate(0UL, (sum, c) => sum + of(c));

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset time) =>
        writer.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
