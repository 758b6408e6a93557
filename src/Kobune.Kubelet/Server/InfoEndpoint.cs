using System.Globalization;
using System.Text;
using System.Text.Json;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Kubelet.Nodes;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;
using Microsoft.AspNetCore.Http;

namespace Kobune.Kubelet.Server;

/// <summary>What the kubelet tells about pods and their use of the node: /pods, /runningpods, /stats/summary, /metrics.</summary>
internal sealed class InfoEndpoint(PodWorkers workers, ICriRuntime runtime, NodeReporter node, MachineFacts machine, KubeletOptions options, TimeProvider time)
{
    private const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";
    private readonly DateTimeOffset _started = time.GetUtcNow();

    internal Task PodsAsync(HttpContext context) => ListAsync(context, [.. workers.All.Select(w => w.Pod with { Status = w.PublishedStatus })]);

    internal Task RunningPodsAsync(HttpContext context) => ListAsync(context, [.. workers.All.Where(w => w.Status.ReadySandbox is not null).Select(w => new Pod
    {
        Metadata = new() { Name = w.Pod.Metadata.Name, Namespace = w.Pod.Metadata.Namespace, Uid = w.Uid },
        Spec = new() { Containers = [.. w.Status.Containers.Where(c => c.IsRunning).Select(c => new Container { Name = c.Name, Image = c.Image })] },
    })]);

    internal async Task SummaryAsync(HttpContext context)
    {
        var stats = await StatsAsync(context.RequestAborted);
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer))
        {
            SummaryWriter.Write(writer, options.NodeName, machine, _started, time.GetUtcNow(), stats);
        }

        await KubeletServer.TextAsync(context, 200, Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length), "application/json");
    }

    internal async Task MetricsAsync(HttpContext context)
    {
        var text = new StringBuilder();
        var all = workers.All.ToList();
        Gauge(text, "kubelet_running_pods", "Number of pods that have a running pod sandbox", all.Count(w => w.Status.ReadySandbox is not null));
        Gauge(text, "kubelet_running_containers", "Number of containers currently running", all.Sum(w => w.Status.Containers.Count(c => c.IsRunning)));
        Gauge(text, "kubelet_desired_pods", "The number of pods the kubelet is being instructed to run", all.Count);
        Gauge(text, "kubelet_node_name", "The node's name. The count is always 1.", 1, $"{{node=\"{options.NodeName}\"}}");
        Gauge(text, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.", _started.ToUnixTimeSeconds());
        await KubeletServer.TextAsync(context, 200, text.ToString(), MetricsType);
    }

    internal async Task ResourceMetricsAsync(HttpContext context)
    {
        var stats = await StatsAsync(context.RequestAborted);
        var text = new StringBuilder();
        Head(text, "container_cpu_usage_seconds_total", "Cumulative cpu time consumed by the container in core-seconds", "counter");
        foreach (var (pod, container) in Containers(stats))
        {
            Sample(text, "container_cpu_usage_seconds_total", $"container=\"{container.Name}\",namespace=\"{pod.Namespace}\",pod=\"{pod.Name}\"", container.CpuNanoseconds / 1e9);
        }

        Head(text, "container_memory_working_set_bytes", "Current working set of the container in bytes", "gauge");
        foreach (var (pod, container) in Containers(stats))
        {
            Sample(text, "container_memory_working_set_bytes", $"container=\"{container.Name}\",namespace=\"{pod.Namespace}\",pod=\"{pod.Name}\"", container.WorkingSetBytes);
        }

        Head(text, "pod_cpu_usage_seconds_total", "Cumulative cpu time consumed by the pod in core-seconds", "counter");
        foreach (var pod in stats)
        {
            Sample(text, "pod_cpu_usage_seconds_total", $"namespace=\"{pod.Namespace}\",pod=\"{pod.Name}\"", pod.Containers.Sum(c => (double)c.CpuNanoseconds) / 1e9);
        }

        Head(text, "pod_memory_working_set_bytes", "Current working set of the pod in bytes", "gauge");
        foreach (var pod in stats)
        {
            Sample(text, "pod_memory_working_set_bytes", $"namespace=\"{pod.Namespace}\",pod=\"{pod.Name}\"", pod.Containers.Sum(c => (double)c.WorkingSetBytes));
        }

        Gauge(text, "node_cpu_usage_seconds_total", "Cumulative cpu time consumed by the node in core-seconds", NodeUsage.CpuNanoseconds() / 1e9);
        Gauge(text, "node_memory_working_set_bytes", "Current working set of the node in bytes", NodeUsage.WorkingSet(machine));
        Gauge(text, "resource_scrape_error", "1 if there was an error while getting container metrics, 0 otherwise", 0);
        await KubeletServer.TextAsync(context, 200, text.ToString(), MetricsType);
    }

    internal Task ProbeMetricsAsync(HttpContext context)
    {
        _ = node;
        return KubeletServer.TextAsync(context, 200, "", MetricsType);
    }

    private static IEnumerable<(PodUsage Pod, ContainerUsage Container)> Containers(IReadOnlyList<PodUsage> pods) => pods.SelectMany(p => p.Containers.Select(c => (p, c)));

    private async Task<IReadOnlyList<PodUsage>> StatsAsync(CancellationToken ct)
    {
        var byPod = (await runtime.ListContainerStatsAsync(ct)).GroupBy(s => s.Attributes.Labels.TryGetValue(ContainerLabels.PodUid, out var uid) ? uid : "");
        return [.. byPod.Select(g => workers.Find(g.Key) is { } worker
                ? new PodUsage(worker.Pod.Metadata.Name, worker.Pod.Metadata.Namespace, worker.Uid, worker.PublishedStatus.StartTime ?? _started, [.. g.Select(s => ContainerUsage.Of(s, worker))])
                : null).OfType<PodUsage>()];
    }

    private static Task ListAsync(HttpContext context, IReadOnlyList<Pod> pods) =>
        KubeletServer.TextAsync(context, 200, JsonText.Of(new PodList { Items = pods }), "application/json");

    private static void Gauge(StringBuilder text, string name, string help, double value, string labels = "")
    {
        Head(text, name, help, name.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge");
        text.Append(name).Append(labels).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static void Head(StringBuilder text, string name, string help, string type) =>
        text.Append("# HELP ").Append(name).Append(" [STABLE] ").Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Sample(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append('{').Append(labels).Append("} ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
