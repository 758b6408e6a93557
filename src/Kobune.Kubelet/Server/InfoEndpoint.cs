using System.Text;
using System.Text.Json;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Kubelet.Nodes;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Stats;
using Microsoft.AspNetCore.Http;

namespace Kobune.Kubelet.Server;

/// <summary>What the kubelet tells about pods and their use of the node: /pods, /runningpods, /stats/summary, /metrics and what is below it.</summary>
internal sealed class InfoEndpoint(PodWorkers workers, StatsCollector stats, MachineFacts machine, KubeletOptions options, TimeProvider time)
{
    private readonly DateTimeOffset _started = time.GetUtcNow();

    internal Task PodsAsync(HttpContext context) => ListAsync(context, [.. workers.All.Select(w => w.Pod with { Status = w.PublishedStatus })]);

    internal Task RunningPodsAsync(HttpContext context) => ListAsync(context, [.. workers.All.Where(w => w.Status.ReadySandbox is not null).Select(w => new Pod
    {
        Metadata = new() { Name = w.Pod.Metadata.Name, Namespace = w.Pod.Metadata.Namespace, Uid = w.Uid },
        Spec = new() { Containers = [.. w.Status.Containers.Where(c => c.IsRunning).Select(c => new Container { Name = c.Name, Image = c.Image })] },
    })]);

    internal async Task SummaryAsync(HttpContext context)
    {
        var current = await stats.CollectAsync(context.RequestAborted);
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer))
        {
            SummaryWriter.Write(writer, options.NodeName, machine, current, uid => VolumeUsage.Below(Path.Combine(options.RootDirectory, "pods", uid)));
        }

        await KubeletServer.TextAsync(context, 200, Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length), "application/json");
    }

    internal async Task MetricsAsync(HttpContext context)
    {
        var text = new MetricsText();
        var all = workers.All.ToList();
        Gauge("kubelet_running_pods", "[BETA] Number of pods that have a running pod sandbox", all.Count(w => w.Status.ReadySandbox is not null));
        Gauge("kubelet_running_containers", "[BETA] Number of containers currently running", all.Sum(w => w.Status.Containers.Count(c => c.IsRunning)));
        Gauge("kubelet_desired_pods", "[ALPHA] The number of pods the kubelet is being instructed to run", all.Count);
        Gauge("kubelet_node_name", "[BETA] The node's name. The count is always 1.", 1, ("node", options.NodeName));
        Gauge("process_start_time_seconds", "[STABLE] Start time of the process since unix epoch in seconds.", _started.ToUnixTimeSeconds());
        await KubeletServer.TextAsync(context, 200, text.ToString(), MetricsText.ContentType);

        void Gauge(string name, string help, double value, params ReadOnlySpan<(string, string)> labels) => text.Metric(name, help, "gauge").Sample(name, value, null, labels);
    }

    internal async Task ResourceMetricsAsync(HttpContext context) =>
        await KubeletServer.TextAsync(context, 200, ResourceMetrics.Write(await stats.CollectAsync(context.RequestAborted)), MetricsText.ContentType);

    internal async Task CadvisorMetricsAsync(HttpContext context) =>
        await KubeletServer.TextAsync(context, 200, CadvisorMetrics.Write(await stats.CollectAsync(context.RequestAborted), machine), MetricsText.ContentType);

    internal static Task ProbeMetricsAsync(HttpContext context) => KubeletServer.TextAsync(context, 200, "", MetricsText.ContentType);

    private static Task ListAsync(HttpContext context, IReadOnlyList<Pod> pods) =>
        KubeletServer.TextAsync(context, 200, JsonText.Of(new PodList { Items = pods }), "application/json");
}
