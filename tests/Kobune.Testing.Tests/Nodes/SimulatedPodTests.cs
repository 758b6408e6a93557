using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.SimulatedNode.Pods;

namespace Kobune.Testing.Tests.Nodes;

public sealed class SimulatedPodTests
{
    private static readonly TestClusterOptions Options = new() { FakeTime = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_are_as_the_test_wants_them()
    {
        var options = Options with
        {
            Nodes = 2,
            SimulatedNodes = o => o with
            {
                LabelsOf = n => new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = "z" + n },
                Taints = [new() { Key = "gpu", Effect = "NoSchedule" }],
                Capacity = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("1"), ["memory"] = Quantity.Parse("1Gi"), ["pods"] = Quantity.Parse("5") },
            },
        };
        await using var cluster = await TestCluster.StartAsync(options, Ct);
        var node = await cluster.Client.GetAsync<Node>("", "node-1", Ct);
        Assert.Equal(("z1", "1"), (node.Metadata.Labels["topology.kubernetes.io/zone"], node.Status.Capacity["cpu"].ToString()));
        await CreateAsync(cluster, "a");
        await cluster.Time.SettleAsync(Ct);
        Assert.Equal("Unschedulable", (await GetAsync(cluster, "a")).Status.Conditions.Single(c => c.Type == "PodScheduled").Reason);
    }

    [Fact]
    public async Task A_container_that_fails_is_restarted_at_once_and_then_with_growing_pauses()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await CreateAsync(cluster, "crash", ("exit-code", "7"), ("run-duration", "2s"));
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(3), Ct);
        var status = (await GetAsync(cluster, "crash")).Status.ContainerStatuses[0];
        Assert.Equal((1, 7), (status.RestartCount, status.LastTerminationState.Terminated!.ExitCode));
        Assert.NotNull(status.State.Running);

        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(2), Ct);
        var pod = await GetAsync(cluster, "crash");
        Assert.Equal("CrashLoopBackOff", pod.Status.ContainerStatuses[0].State.Waiting!.Reason);
        Assert.StartsWith("back-off 10s restarting failed container=c pod=crash_default(", pod.Status.ContainerStatuses[0].State.Waiting!.Message, StringComparison.Ordinal);
        Assert.Equal("False", pod.Status.Conditions.Single(c => c.Type == "Ready").Status);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(10), Ct);

        // Starts at 0 s and 2 s, then after pauses of 10, 20, 40, 80, 160 s and 5 min.
        Assert.Equal(6, (await GetAsync(cluster, "crash")).Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task Stages_of_the_test_play_a_probe_that_fails_for_a_while()
    {
        var isReady = (Pod p) => p.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" });
        var options = Options with
        {
            SimulatedNodes = o => o with
            {
                Stages =
                [
                    .. PodStage.Default,
                    new("probe fails", p => p.Status.Phase == "Running" && isReady(p), PodStageResult.Unready) { Delay = _ => TimeSpan.FromSeconds(30) },
                    new("probe succeeds", p => p.Status.Phase == "Running" && !isReady(p), PodStageResult.Running) { Delay = _ => TimeSpan.FromSeconds(5) },
                ],
            },
        };
        await using var cluster = await TestCluster.StartAsync(options, Ct);
        await CreateAsync(cluster, "probed");
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(29), Ct);
        Assert.True(isReady(await GetAsync(cluster, "probed")));
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(2), Ct);
        Assert.False(isReady(await GetAsync(cluster, "probed")));
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(5), Ct);
        Assert.True(isReady(await GetAsync(cluster, "probed")));
        Assert.Equal(0, (await GetAsync(cluster, "probed")).Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task A_resize_is_granted_or_refused_by_the_node()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await CreateAsync(cluster, "sized");
        await cluster.Time.SettleAsync(Ct);
        var before = (await GetAsync(cluster, "sized")).Status.ContainerStatuses[0];
        Assert.Equal("100m", before.Resources!.Requests["cpu"].ToString());
        await ResizeAsync(cluster, "300m");
        var after = (await GetAsync(cluster, "sized")).Status.ContainerStatuses[0];
        Assert.Equal(("300m", "300m", 0), (after.Resources!.Requests["cpu"].ToString(), after.AllocatedResources["cpu"].ToString(), after.RestartCount));
        Assert.Equal(before.State.Running!.StartedAt, after.State.Running!.StartedAt);

        await ResizeAsync(cluster, "64");
        var refused = await GetAsync(cluster, "sized");
        Assert.Equal("300m", refused.Status.ContainerStatuses[0].Resources!.Requests["cpu"].ToString());
        var condition = refused.Status.Conditions.Single(c => c.Type == "PodResizePending");
        Assert.Equal(("Infeasible", "Node didn't have enough capacity: cpu, requested: 64000, capacity: 32000"), (condition.Reason, condition.Message));
        Assert.Empty(cluster.DeniedRequests);
    }

    [Fact]
    public async Task Logs_come_through_the_api()
    {
        var options = Options with { SimulatedNodes = o => o with { Logs = (pod, container, isPrevious) => $"{pod.Metadata.Name} {container} {isPrevious}\nsecond\n" } };
        await using var cluster = await TestCluster.StartAsync(options, Ct);
        await CreateAsync(cluster, "talks");
        await cluster.Time.SettleAsync(Ct);
        Assert.Equal("talks c False\nsecond\n", await LogAsync(cluster, ""));
        Assert.Equal("second\n", await LogAsync(cluster, "?tailLines=1"));
        Assert.Contains("previous terminated container \\\"c\\\" in pod \\\"talks\\\" not found", await LogAsync(cluster, "?previous=true"), StringComparison.Ordinal);
    }

    private static async Task<string> LogAsync(TestCluster cluster, string query) => System.Text.Encoding.UTF8.GetString(
        (await cluster.Client.Transport.SendAsync(new("GET", "/api/v1/namespaces/default/pods/talks/log" + query), Ct)).Body.Json.Span);

    private static Task<Pod> GetAsync(TestCluster cluster, string name) => cluster.Client.GetAsync<Pod>("default", name, Ct);

    private static Task<Pod> CreateAsync(TestCluster cluster, string name, params (string Key, string Value)[] annotations)
    {
        var template = Manifests.Template(name, "Always", annotations);
        return cluster.Client.CreateAsync(new Pod { Metadata = template.Metadata with { Name = name, Namespace = "default" }, Spec = template.Spec }, Ct);
    }

    private static async Task ResizeAsync(TestCluster cluster, string cpu)
    {
        var pod = await GetAsync(cluster, "sized");
        var container = pod.Spec.Containers[0];
        var requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(cpu) };
        await cluster.Client.UpdateSubresourceAsync(pod with { Spec = pod.Spec with { Containers = [container with { Resources = container.Resources with { Requests = requests } }] } }, "resize", Ct);
        await cluster.Time.SettleAsync(Ct);
    }
}
