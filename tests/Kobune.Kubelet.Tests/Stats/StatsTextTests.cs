using System.Text;
using System.Text.Json;
using Kobune.Kubelet.Nodes;
using Kobune.Kubelet.Stats;

namespace Kobune.Kubelet.Tests.Stats;

public class StatsTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly MachineFacts Machine = new(2, 8L << 30, "", "", "", "", "", "amd64");
    private static readonly InterfaceUsage Link = new("eth0", 100, 2, 0, 1, 200, 3, 0, 0);
    private static readonly CgroupUsage Used = new() { CpuNanoseconds = 1_500_000_000, MemoryBytes = 3000, InactiveFileBytes = 1000, RssBytes = 500, MemoryLimit = 4000, Tasks = 2 };

    private static readonly NodeStats Stats = new(
        Now, new() { CpuNanoseconds = 9_000_000_000, MemoryBytes = 5000 }, 70, Now.AddHours(-1), [Link], new(1000, 400, 600), 50,
        [new("web", "shop", "u1", Now.AddMinutes(-1), "/kubepods/podu1", Used, 30, [Link], [new("app", "c1", "img:1", "/kubepods/podu1/c1", Now.AddSeconds(-30), Used, 20, 11, 3, 7)])]);

    [Fact]
    public void Resource_metrics_have_upstreams_names_labels_and_times()
    {
        var text = ResourceMetrics.Write(Stats);
        var at = Now.ToUnixTimeMilliseconds();
        Assert.Contains("# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds\n# TYPE container_cpu_usage_seconds_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains($"container_cpu_usage_seconds_total{{container=\"app\",namespace=\"shop\",pod=\"web\"}} 1.5 {at}\n", text, StringComparison.Ordinal);
        Assert.Contains($"container_memory_working_set_bytes{{container=\"app\",namespace=\"shop\",pod=\"web\"}} 2000 {at}\n", text, StringComparison.Ordinal);
        Assert.Contains($"container_start_time_seconds{{container=\"app\",namespace=\"shop\",pod=\"web\"}} {Now.AddSeconds(-30).ToUnixTimeSeconds()}\n", text, StringComparison.Ordinal);
        Assert.Contains($"pod_cpu_usage_seconds_total{{namespace=\"shop\",pod=\"web\"}} 1.5 {at}\n", text, StringComparison.Ordinal);
        Assert.Contains($"node_cpu_usage_seconds_total 9 {at}\n", text, StringComparison.Ordinal);
        Assert.Contains($"node_memory_working_set_bytes 5000 {at}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Cadvisor_has_a_series_for_the_node_each_pod_and_each_container()
    {
        var text = CadvisorMetrics.Write(Stats, Machine);
        var at = Now.ToUnixTimeMilliseconds();
        Assert.Contains($"container_cpu_usage_seconds_total{{container=\"\",id=\"/\",image=\"\",name=\"\",namespace=\"\",pod=\"\",cpu=\"total\"}} 9 {at}\n", text, StringComparison.Ordinal);
        Assert.Contains($"container_memory_rss{{container=\"\",id=\"/kubepods/podu1\",image=\"\",name=\"\",namespace=\"shop\",pod=\"web\"}} 500 {at}\n", text, StringComparison.Ordinal);
        Assert.Contains($"container_spec_memory_limit_bytes{{container=\"app\",id=\"/kubepods/podu1/c1\",image=\"img:1\",name=\"c1\",namespace=\"shop\",pod=\"web\"}} 4000 {at}\n", text, StringComparison.Ordinal);
        Assert.Contains($"container_network_receive_bytes_total{{container=\"\",id=\"/kubepods/podu1\",image=\"\",name=\"\",namespace=\"shop\",pod=\"web\",interface=\"eth0\"}} 100 {at}\n", text, StringComparison.Ordinal);
        Assert.Contains("machine_cpu_cores 2\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_summary_has_upstreams_shape()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            SummaryWriter.Write(writer, "n1", Machine, Stats, uid => uid == "u1" ? [new("cache", 100, 3, 1000, 400), new("memory", 50, 1, 64, 14)] : []);
        }

        using var document = JsonDocument.Parse(Encoding.UTF8.GetString(buffer.ToArray()));
        var node = document.RootElement.GetProperty("node");
        Assert.Equal(70, node.GetProperty("cpu").GetProperty("usageNanoCores").GetInt64());
        Assert.Equal((8L << 30) - 5000, node.GetProperty("memory").GetProperty("availableBytes").GetInt64());
        Assert.Equal(400, node.GetProperty("fs").GetProperty("availableBytes").GetInt64());
        Assert.Equal(50, node.GetProperty("runtime").GetProperty("imageFs").GetProperty("usedBytes").GetInt64());
        var pod = document.RootElement.GetProperty("pods")[0];
        Assert.Equal("u1", pod.GetProperty("podRef").GetProperty("uid").GetString());
        Assert.Equal(["cache", "memory"], pod.GetProperty("volume").EnumerateArray().Select(v => v.GetProperty("name").GetString()));
        Assert.Equal(3, pod.GetProperty("volume")[0].GetProperty("inodesUsed").GetInt64());
        Assert.Equal(118, pod.GetProperty("ephemeral-storage").GetProperty("usedBytes").GetInt64());
        Assert.Equal(200, pod.GetProperty("network").GetProperty("txBytes").GetInt64());
        var container = pod.GetProperty("containers")[0];
        Assert.Equal(2000, container.GetProperty("memory").GetProperty("availableBytes").GetInt64()); // of its limit
        Assert.Equal(7, container.GetProperty("logs").GetProperty("usedBytes").GetInt64());
        Assert.Equal("2026-01-02T03:04:05Z", container.GetProperty("cpu").GetProperty("time").GetString());
    }

    [Fact]
    public void Volumes_are_measured_and_folders_of_the_node_are_not()
    {
        var pod = Directory.CreateTempSubdirectory("kobune-volumes-");
        try
        {
            var empty = Directory.CreateDirectory(Path.Combine(pod.FullName, "volumes", "kubernetes.io~empty-dir", "cache", "sub"));
            File.WriteAllBytes(Path.Combine(empty.FullName, "file"), new byte[4096]);
            File.CreateSymbolicLink(Path.Combine(empty.FullName, "loop"), "..");
            Directory.CreateDirectory(Path.Combine(pod.FullName, "volumes", "kubernetes.io~local-volume", "pv"));
            var volume = Assert.Single(VolumeUsage.Below(pod.FullName));
            Assert.Equal(("cache", 4096UL, 3UL), (volume.Name, volume.UsedBytes, volume.InodesUsed)); // the volume, its folder, the file
            Assert.InRange(volume.AvailableBytes, 1UL, volume.CapacityBytes);
            Assert.Empty(VolumeUsage.Below(pod.FullName + "/none"));
        }
        finally
        {
            pod.Delete(recursive: true);
        }
    }

    [Fact]
    public void Label_values_are_escaped() =>
        Assert.Equal("m{a=\"x\\\\y\\\"z\\n\"} 1\n", new MetricsText().Sample("m", 1, null, ("a", "x\\y\"z\n")).ToString());

    [Fact]
    public void Net_dev_is_read_without_loopback()
    {
        string[] lines =
        [
            "Inter-|   Receive                                                |  Transmit",
            " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
            "    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0",
            "  eth0: 100 2 0 1 0 0 0 0 200 3 0 0 0 0 0 0",
        ];
        Assert.Equal([Link], NetworkUsage.Parse(lines));
    }

    [Fact]
    public void A_rate_is_since_the_start_first_then_over_ten_seconds_and_begins_anew_with_another_run()
    {
        var rates = new CpuRates();
        Assert.Equal(100_000_000UL, rates.NanoCores("c", 1_000_000_000, Now, Now.AddSeconds(10)));
        Assert.Equal(100_000_000UL, rates.NanoCores("c", 9_000_000_000, Now, Now.AddSeconds(15))); // too soon: the same
        Assert.Equal(500_000_000UL, rates.NanoCores("c", 11_000_000_000, Now, Now.AddSeconds(30)));
        Assert.Equal(1_000_000_000UL, rates.NanoCores("c", 2_000_000_000, Now.AddSeconds(30), Now.AddSeconds(32))); // restarted
    }
}
