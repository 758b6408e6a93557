using Kobune.Kubelet.Nodes;

namespace Kobune.Kubelet.Stats;

/// <summary>/metrics/cadvisor, with cAdvisor's names and labels: a series for the node ("/"), for each pod's cgroup and for each container.</summary>
internal static class CadvisorMetrics
{
    private const double Nano = 1e-9;

    internal static string Write(NodeStats stats, MachineFacts machine)
    {
        var text = new MetricsText();
        var series = Series(stats).ToList();
        Each("container_cpu_usage_seconds_total", "Cumulative cpu time consumed in seconds.", "counter", s => s.Usage.CpuNanoseconds * Nano, ("cpu", "total"));
        Each("container_cpu_user_seconds_total", "Cumulative user cpu time consumed in seconds.", "counter", s => s.Usage.UserNanoseconds * Nano);
        Each("container_cpu_system_seconds_total", "Cumulative system cpu time consumed in seconds.", "counter", s => s.Usage.SystemNanoseconds * Nano);
        Each("container_cpu_cfs_periods_total", "Number of elapsed enforcement period intervals.", "counter", s => s.Usage.Periods);
        Each("container_cpu_cfs_throttled_periods_total", "Number of throttled period intervals.", "counter", s => s.Usage.ThrottledPeriods);
        Each("container_cpu_cfs_throttled_seconds_total", "Total time duration the container has been throttled.", "counter", s => s.Usage.ThrottledNanoseconds * Nano);
        Each("container_memory_usage_bytes", "Current memory usage in bytes, including all memory regardless of when it was accessed", "gauge", s => s.Usage.MemoryBytes);
        Each("container_memory_working_set_bytes", "Current working set in bytes.", "gauge", s => s.Usage.WorkingSetBytes);
        Each("container_memory_rss", "Size of RSS in bytes.", "gauge", s => s.Usage.RssBytes);
        Each("container_memory_cache", "Number of bytes of page cache memory.", "gauge", s => s.Usage.CacheBytes);
        Each("container_memory_mapped_file", "Size of memory mapped files in bytes.", "gauge", s => s.Usage.MappedFileBytes);
        Each("container_memory_swap", "Container swap usage in bytes.", "gauge", s => s.Usage.SwapBytes);
        Each("container_spec_memory_limit_bytes", "Memory limit for the container.", "gauge", s => s.Usage.MemoryLimit ?? 0);
        Each("container_threads", "Number of threads running inside the container.", "gauge", s => s.Usage.Tasks);
        Each("container_start_time_seconds", "Start time of the container since unix epoch in seconds.", "gauge", s => s.Start.ToUnixTimeSeconds());
        Each("container_last_seen", "Last time a container was seen by the exporter", "gauge", _ => stats.Time.ToUnixTimeSeconds());
        Network("container_network_receive_bytes_total", "Cumulative count of bytes received", i => i.ReceivedBytes);
        Network("container_network_receive_packets_total", "Cumulative count of packets received", i => i.ReceivedPackets);
        Network("container_network_receive_errors_total", "Cumulative count of errors encountered while receiving", i => i.ReceiveErrors);
        Network("container_network_receive_packets_dropped_total", "Cumulative count of packets dropped while receiving", i => i.ReceiveDropped);
        Network("container_network_transmit_bytes_total", "Cumulative count of bytes transmitted", i => i.SentBytes);
        Network("container_network_transmit_packets_total", "Cumulative count of packets transmitted", i => i.SentPackets);
        Network("container_network_transmit_errors_total", "Cumulative count of errors encountered while transmitting", i => i.SendErrors);
        Network("container_network_transmit_packets_dropped_total", "Cumulative count of packets dropped while transmitting", i => i.SendDropped);
        text.Metric("machine_cpu_cores", "Number of logical CPU cores.", "gauge").Sample("machine_cpu_cores", machine.Cpus, null);
        text.Metric("machine_memory_bytes", "Amount of memory installed on the machine.", "gauge").Sample("machine_memory_bytes", machine.MemoryBytes, null);
        text.Metric("container_scrape_error", "1 if there was an error while getting container metrics, 0 otherwise", "gauge").Sample("container_scrape_error", 0, null);
        return text.ToString();

        void Each(string name, string help, string type, Func<OneSeries, double> value, params (string, string)[] more)
        {
            text.Metric(name, help, type);
            foreach (var one in series)
            {
                text.Sample(name, value(one), stats.Time, [.. one.Labels, .. more]);
            }
        }

        void Network(string name, string help, Func<InterfaceUsage, double> value)
        {
            text.Metric(name, help, "counter");
            foreach (var one in series)
            {
                foreach (var link in one.Network)
                {
                    text.Sample(name, value(link), stats.Time, [.. one.Labels, ("interface", link.Name)]);
                }
            }
        }
    }

    private static IEnumerable<OneSeries> Series(NodeStats stats)
    {
        yield return new(Labels("", "/", "", "", "", ""), stats.Node, stats.StartTime, stats.Network);
        foreach (var pod in stats.Pods)
        {
            yield return new(Labels("", pod.Cgroup, "", "", pod.Namespace, pod.Name), pod.Usage, pod.StartTime, pod.Network);
            foreach (var container in pod.Containers)
            {
                yield return new(Labels(container.Name, container.Cgroup, container.Image, container.Id, pod.Namespace, pod.Name), container.Usage, container.StartTime, []);
            }
        }
    }

    private static (string, string)[] Labels(string container, string id, string image, string name, string ns, string pod) =>
        [("container", container), ("id", id), ("image", image), ("name", name), ("namespace", ns), ("pod", pod)];

    private sealed record OneSeries((string, string)[] Labels, CgroupUsage Usage, DateTimeOffset Start, IReadOnlyList<InterfaceUsage> Network);
}
