using Kobune.Addons.Metrics;

namespace Kobune.Addons.Tests.Metrics;

public class MetricStoreTests
{
    private static readonly DateTimeOffset T0 = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(15);

    [Fact]
    public void One_reading_of_a_node_tells_nothing_two_tell_its_use()
    {
        var store = MetricStore.Empty.Add(Node(0, cpu: 10, memory: 100), Resolution);
        Assert.Null(store.Node("n"));
        store = store.Add(Node(15, cpu: 13, memory: 200), Resolution);
        Assert.Equal(new Usage(T0.AddSeconds(15), Resolution, 200_000_000, 200), store.Node("n"));
        Assert.Null(store.Node("other"));
    }

    [Fact]
    public void The_same_reading_again_keeps_the_one_before()
    {
        var store = MetricStore.Empty.Add(Node(0, cpu: 10, memory: 1), Resolution).Add(Node(15, cpu: 13, memory: 1), Resolution).Add(Node(15, cpu: 13, memory: 1), Resolution);
        Assert.Equal(200_000_000, store.Node("n")!.NanoCores);
    }

    [Fact]
    public void A_node_that_was_not_read_is_forgotten() =>
        Assert.Null(MetricStore.Empty.Add(Node(0, 1, 1), Resolution).Add(Node(15, 2, 1), Resolution).Add(MetricBatch.Empty, Resolution).Node("n"));

    [Fact]
    public void A_counter_that_went_back_tells_nothing() =>
        Assert.Null(MetricStore.Empty.Add(Node(0, 10, 1), Resolution).Add(Node(15, 2, 1), Resolution).Node("n"));

    [Theory]
    [InlineData(5, null)] // too young: an average over 5 s says little
    [InlineData(12, 500_000_000L)]
    [InlineData(20, null)] // older than a reading's distance: it needs two
    public void A_fresh_container_is_measured_since_its_start(int age, long? nanoCores)
    {
        var store = MetricStore.Empty.Add(Pod(100, ("c", 100 - age, age * 0.5)), Resolution);
        Assert.Equal(nanoCores, store.Pod("ns", "p")?.Single().Usage.NanoCores);
    }

    [Fact]
    public void A_container_that_started_again_is_not_compared_with_its_last_run()
    {
        var store = MetricStore.Empty.Add(Pod(100, ("c", 0, 50)), Resolution).Add(Pod(115, ("c", 110, 1)), Resolution);
        Assert.Null(store.Pod("ns", "p"));
    }

    [Fact]
    public void A_pod_is_known_when_all_its_containers_are()
    {
        var store = MetricStore.Empty.Add(Pod(100, ("a", 0, 1)), Resolution).Add(Pod(115, ("a", 0, 4), ("b", 113, 1)), Resolution);
        Assert.Null(store.Pod("ns", "p"));
        store = store.Add(Pod(130, ("a", 0, 7), ("b", 113, 4)), Resolution);
        Assert.Equal([("a", 200_000_000L), ("b", 200_000_000L)], store.Pod("ns", "p")!.Select(c => (c.Container, c.Usage.NanoCores)));
    }

    [Fact]
    public void A_kubelets_text_is_read_with_escaped_labels_and_without_incomplete_pods()
    {
        const string Text = """
            # HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds
            # TYPE container_cpu_usage_seconds_total counter
            container_cpu_usage_seconds_total{container="c",namespace="ns",pod="p"} 1.25 1767225600000
            container_cpu_usage_seconds_total{container="c\"1\\",namespace="ns",pod="q"} 1e-3 1767225600000
            container_memory_working_set_bytes{container="c",namespace="ns",pod="p"} 4096 1767225600000
            container_memory_working_set_bytes{container="c\"1\\",namespace="ns",pod="q"} 8192 1767225600000
            container_memory_working_set_bytes{container="half",namespace="ns",pod="r"} 8192 1767225600000
            container_start_time_seconds{container="c",namespace="ns",pod="p"} 1767225590.5
            node_cpu_usage_seconds_total 7 1767225600000
            node_memory_working_set_bytes 12288 1767225600000
            something{ broken

            """;
        var nodes = new Dictionary<string, MetricPoint>();
        var pods = new Dictionary<(string Namespace, string Name), IReadOnlyDictionary<string, MetricPoint>>();
        ResourceMetricsParser.Add("n", Text, nodes, pods);
        Assert.Equal(new MetricPoint(null, T0, 7, 12288), nodes["n"]);
        Assert.Equal(new MetricPoint(T0.AddSeconds(-9.5), T0, 1.25, 4096), pods[("ns", "p")]["c"]);
        Assert.Equal(0.001, pods[("ns", "q")]["c\"1\\"].CpuSeconds);
        Assert.Equal(2, pods.Count);
    }

    [Fact]
    public void A_text_that_is_cut_anywhere_is_read_as_far_as_it_goes()
    {
        const string Text = "container_cpu_usage_seconds_total{container=\"c\",namespace=\"ns\",pod=\"p\"} 1.25 1767225600000\ncontainer_memory_working_set_bytes{container=\"c\",namespace=\"ns\",pod=\"p\"} 4096 1767225600000\n";
        for (var end = 0; end <= Text.Length; end++)
        {
            ResourceMetricsParser.Add("n", Text[..end], [], []);
        }
    }

    private static MetricBatch Node(int second, double cpu, double memory) =>
        MetricBatch.Empty with { Nodes = new Dictionary<string, MetricPoint> { ["n"] = new(null, T0.AddSeconds(second), cpu, memory) } };

    private static MetricBatch Pod(int second, params (string Name, int Start, double Cpu)[] containers) => MetricBatch.Empty with
    {
        Pods = new Dictionary<(string, string), IReadOnlyDictionary<string, MetricPoint>>
        {
            [("ns", "p")] = containers.ToDictionary(c => c.Name, c => new MetricPoint(T0.AddSeconds(c.Start), T0.AddSeconds(second), c.Cpu, 1)),
        },
    };
}
