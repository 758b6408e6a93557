namespace Kobune.Kubelet.Stats;

/// <summary>/metrics/resource: what metrics-server reads (kubelet/metrics/collectors/resource_metrics.go).</summary>
internal static class ResourceMetrics
{
    private const double Nano = 1e-9;

    internal static string Write(NodeStats stats)
    {
        var text = new MetricsText();
        Containers("container_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the container in core-seconds", "counter", c => c.Usage.CpuNanoseconds * Nano);
        Containers("container_memory_working_set_bytes", "[STABLE] Current working set of the container in bytes", "gauge", c => c.Usage.WorkingSetBytes);
        Containers("container_start_time_seconds", "[STABLE] Start time of the container since unix epoch in seconds", "gauge", c => c.StartTime.ToUnixTimeMilliseconds() / 1000d, isTimed: false);
        Containers("container_swap_usage_bytes", "[ALPHA] Current amount of the container swap usage in bytes. Reported only on non-windows systems", "gauge", c => c.Usage.SwapBytes);
        Node("node_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the node in core-seconds", "counter", stats.Node.CpuNanoseconds * Nano);
        Node("node_memory_working_set_bytes", "[STABLE] Current working set of the node in bytes", "gauge", stats.Node.WorkingSetBytes);
        Pods("pod_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the pod in core-seconds", "counter", p => p.Usage.CpuNanoseconds * Nano);
        Pods("pod_memory_working_set_bytes", "[STABLE] Current working set of the pod in bytes", "gauge", p => p.Usage.WorkingSetBytes);
        text.Metric("resource_scrape_error", "[STABLE] 1 if there was an error while getting container metrics, 0 otherwise", "gauge").Sample("resource_scrape_error", 0, null);
        return text.ToString();

        void Containers(string name, string help, string type, Func<ContainerStats, double> value, bool isTimed = true)
        {
            text.Metric(name, help, type);
            foreach (var pod in stats.Pods)
            {
                foreach (var container in pod.Containers)
                {
                    text.Sample(name, value(container), isTimed ? stats.Time : null, ("container", container.Name), ("namespace", pod.Namespace), ("pod", pod.Name));
                }
            }
        }

        void Pods(string name, string help, string type, Func<PodStats, double> value)
        {
            text.Metric(name, help, type);
            foreach (var pod in stats.Pods)
            {
                text.Sample(name, value(pod), stats.Time, ("namespace", pod.Namespace), ("pod", pod.Name));
            }
        }

        void Node(string name, string help, string type, double value) => text.Metric(name, help, type).Sample(name, value, stats.Time);
    }
}
