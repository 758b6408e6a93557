using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Testing.Tests.Time;

public sealed class NodeAndScaleTests
{
    private static readonly TestClusterOptions Options = new() { FakeTime = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_node_becomes_unknown_and_loses_its_pods_when_their_toleration_ends()
    {
        await using var cluster = await TestCluster.StartAsync(Options with { Nodes = 2 }, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 4), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(5), Ct);
        var before = await PodsAsync(cluster);
        Assert.Contains(before, p => p.Spec.NodeName == "node-1");

        cluster.StopNode("node-1");
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(30), Ct);
        Assert.Equal("True", await ReadyAsync(cluster, "node-1"));
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(30), Ct);
        Assert.Equal("Unknown", await ReadyAsync(cluster, "node-1"));
        Assert.Contains("node.kubernetes.io/unreachable", (await cluster.Client.GetAsync<Node>("", "node-1", Ct)).Spec.Taints.Select(t => t.Key));
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(4), Ct);
        Assert.Equal(before.Select(p => p.Metadata.Uid).Order(), (await PodsAsync(cluster)).Select(p => p.Metadata.Uid).Order());

        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        var after = await PodsAsync(cluster);
        Assert.All(after.Where(p => p.Spec.NodeName == "node-1"), p => Assert.NotNull(p.Metadata.DeletionTimestamp));
        Assert.Equal(4, after.Count(p => p.Spec.NodeName == "node-0" && p.Metadata.DeletionTimestamp is null));

        await cluster.StartNodeAsync("node-1", Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(15), Ct);
        Assert.Equal("True", await ReadyAsync(cluster, "node-1"));
        Assert.Equal(4, (await PodsAsync(cluster)).Count);
    }

    [Fact]
    public async Task Pods_of_a_node_that_was_silent_for_a_moment_are_ready_again()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 2), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(5), Ct);
        cluster.StopNode("node-0");
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        Assert.Equal(0, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.ReadyReplicas);
        await cluster.StartNodeAsync("node-0", Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(15), Ct);
        Assert.Equal(2, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.ReadyReplicas);
        Assert.Equal(2, cluster.History.Created<Pod>("default").Count);
    }

    [Fact]
    public async Task An_autoscaler_scales_up_at_once_and_down_after_its_window()
    {
        var used = "150m";
        var options = Options with
        {
            SimulatedNodes = o => o with { Usage = (_, _) => new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(used), ["memory"] = Quantity.Parse("10Mi") } },
        };
        await using var cluster = await TestCluster.StartAsync(options, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 1), Ct);
        await cluster.Client.CreateAsync(
            new HorizontalPodAutoscaler
            {
                Metadata = new() { Name = "web", Namespace = "default" },
                Spec = new()
                {
                    ScaleTargetRef = new() { APIVersion = "apps/v1", Kind = "Deployment", Name = "web" },
                    MinReplicas = 1,
                    MaxReplicas = 5,
                    Metrics = [new() { Type = "Resource", Resource = new() { Name = "cpu", Target = new() { Type = "Utilization", AverageUtilization = 75 } } }],
                },
            },
            Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(10), Ct);
        Assert.Equal(5, await ReplicasAsync(cluster));

        used = "20m";
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(4), Ct);
        Assert.Equal(5, await ReplicasAsync(cluster));
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        Assert.Equal(2, await ReplicasAsync(cluster));
        Assert.Empty(cluster.DeniedRequests);
        Assert.Empty(cluster.Strays);
    }

    private static async Task<IReadOnlyList<Pod>> PodsAsync(TestCluster cluster) => (await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items;

    private static async Task<int?> ReplicasAsync(TestCluster cluster) => (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Spec.Replicas;

    private static async Task<string> ReadyAsync(TestCluster cluster, string node) =>
        (await cluster.Client.GetAsync<Node>("", node, Ct)).Status.Conditions.Single(c => c.Type == "Ready").Status;
}
