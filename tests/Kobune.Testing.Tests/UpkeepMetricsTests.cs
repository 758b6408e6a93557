using Kobune.Api.Core.V1;
using Kobune.Api.Metrics;
using Kobune.Client;
using Kobune.ControllerManager.Metrics;

namespace Kobune.Testing.Tests;

/// <summary>What the controllers clear away is counted.</summary>
public sealed class UpkeepMetricsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Evicted_and_forced_pods_and_claims_are_counted()
    {
        ControllerManagerMetrics metrics = null!;
        await using var cluster = await TestCluster.StartAsync(
            o => o with
            {
                FakeTime = true,
                Settings = s => s with
                {
                    Controllers = c =>
                    {
                        metrics = c.Metrics;
                        return c;
                    },
                },
            },
            Ct);
        var node = Assert.Single((await cluster.Client.ListAsync<Node>("", null, Ct)).Items);
        Assert.Equal((0, 0), (Sum("taint_eviction_controller_pod_deletions_total"), Sum("pod_gc_collector_force_delete_pods_total")));
        var volume = new Volume { Name = "v", Ephemeral = new() { VolumeClaimTemplate = new() { Spec = new() { AccessModes = ["ReadWriteOnce"], Resources = new() { Requests = new Dictionary<string, Api.Quantity> { ["storage"] = new(1) } } } } } };
        await cluster.Client.CreateAsync(Pod("e", "", volume), Ct);
        await cluster.Client.CreateAsync(Pod("evicted", node.Metadata.Name), Ct);
        await cluster.Client.CreateAsync(Pod("orphan", "nowhere"), Ct);
        await cluster.Time.SettleAsync(Ct);
        Assert.Equal((1, 0), (Sum("ephemeral_volume_controller_create_total"), Sum("ephemeral_volume_controller_create_failures_total")));
        node = await cluster.Client.GetAsync<Node>("", node.Metadata.Name, Ct);
        await cluster.Client.UpdateAsync(node with { Spec = node.Spec with { Taints = [.. node.Spec.Taints, new() { Key = "k", Effect = "NoExecute" }] } }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        Assert.Equal(1, Sum("taint_eviction_controller_pod_deletions_total"));
        Assert.Equal(1, Assert.Single(metrics.Families.OfType<HistogramFamily>().Single(f => f.Name == "taint_eviction_controller_pod_deletion_duration_seconds").Counts()).Count);
        Assert.Equal(1, metrics.Families.OfType<NumberFamily>().Single(f => f.Name == "pod_gc_collector_force_delete_pods_total").Sum(l => l == new LabelValues("default", "orphaned")));

        long Sum(string name) => metrics.Families.OfType<NumberFamily>().Single(f => f.Name == name).Sum(_ => true);
    }

    private static Pod Pod(string name, string node, params Volume[] volumes) =>
        new() { Metadata = new() { Name = name, Namespace = "default" }, Spec = new() { NodeName = node, Volumes = volumes, Containers = [new() { Name = "c", Image = "i" }] } };
}
