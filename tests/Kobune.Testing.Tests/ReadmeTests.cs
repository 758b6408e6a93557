using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.SimulatedNode.Pods;

namespace Kobune.Testing.Tests;

/// <summary>The examples of src/Kobune.Testing/README.md: each of its C# blocks with a cluster stands here, line by line, and runs.</summary>
public sealed partial class ReadmeTests
{
    private const string Elsewhere = "k8s.Kubernetes"; // of another client library

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_example_of_the_readme_is_a_test_here()
    {
        var here = Lines(File.ReadAllText(Path())).ToHashSet(StringComparer.Ordinal);
        var readme = File.ReadAllText(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path())!, "../../src/Kobune.Testing/README.md"));
        var examples = Block().Matches(readme).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(examples);
        Assert.DoesNotContain(examples.SelectMany(Lines), line => !here.Contains(line) && !line.Contains(Elsewhere, StringComparison.Ordinal) && !line.StartsWith("using Kobune.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deployment_gets_its_pods()
    {
        await using var cluster = await TestCluster.StartAsync(o => o with { Nodes = 2 });
        var labels = new Dictionary<string, string> { ["app"] = "web" };
        await cluster.Client.CreateAsync(
            new Deployment
            {
                Metadata = new() { Name = "web", Namespace = "default" },
                Spec = new()
                {
                    Replicas = 3,
                    Selector = new() { MatchLabels = labels },
                    Template = new() { Metadata = new() { Labels = labels }, Spec = new() { Containers = [new() { Name = "web", Image = "nginx" }] } },
                },
            },
            CancellationToken.None);
        await foreach (var change in cluster.Client.WatchAsync<Deployment>("default", null, CancellationToken.None))
        {
            if (change.Object.Status.AvailableReplicas == 3)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task An_hour_passes_at_once()
    {
        var (tick, ct) = (Manifests.CronJob("tick", "*/10 * * * *"), Ct);
        await using var cluster = await TestCluster.StartAsync(o => o with { FakeTime = true, Seed = 7 });
        await cluster.Client.CreateAsync(tick, ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(65), ct);
        Assert.Equal(6, (await cluster.Client.ListAsync<Job>("default", null, ct)).Items.Count);
        await cluster.Time.AdvanceUntilAsync(async () => (await cluster.Client.GetAsync<CronJob>("default", "tick", ct)).Status.Active.Count == 0, atMost: TimeSpan.FromMinutes(5), ct);
    }

    [Fact]
    public async Task Things_go_wrong()
    {
        var (web, ct) = (Manifests.Deployment("web", 3), Ct);
        await using var cluster = await TestCluster.StartAsync(o => o with { FakeTime = true, Nodes = 2 });
        using var conflicts = cluster.Faults.Conflict(new() { Verb = "update" }, probability: 0.2);
        using var errors = cluster.Faults.InternalError(new() { Verb = "create", Resource = "pods" }, times: 2);
        using var slow = cluster.Faults.Delay(new() { Resource = "pods/status" }, TimeSpan.FromMilliseconds(200));
        await cluster.Client.CreateAsync(web, ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(10), ct);
        cluster.Faults.DropWatches(new() { Resource = "pods" });
        cluster.Faults.ExpireWatches(new() { Resource = "replicasets" });
        await cluster.StopControllerAsync("deployment-controller");
        cluster.StopNode("node-1");
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(7), ct);
        await cluster.StartNodeAsync("node-1", ct);
        await cluster.StartControllerAsync("deployment-controller");
        cluster.Faults.Clear();
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(5), ct);
        Assert.Equal(3, (await cluster.Client.GetAsync<Deployment>("default", "web", ct)).Status.AvailableReplicas);
        Assert.Equal(2, errors.Hits);
    }

    [Fact]
    public async Task A_stale_cache_is_had_on_demand()
    {
        var ct = Ct;
        await using var cluster = await TestCluster.StartAsync(o => o with { FakeTime = true });
        using (cluster.Faults.HoldWatches(new() { Resource = "pods", Identity = "system:kube-scheduler" }))
        {
            await cluster.Client.CreateAsync(Manifests.Deployment("late", 1), ct);
            await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(30), ct);
            Assert.Equal("", Assert.Single((await cluster.Client.ListAsync<Pod>("default", null, ct)).Items).Spec.NodeName);
        }

        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(1), ct);
        Assert.Equal("node-0", Assert.Single((await cluster.Client.ListAsync<Pod>("default", null, ct)).Items).Spec.NodeName);
    }

    [Fact]
    public async Task Many_tests_start_from_one_state()
    {
        var (web, ct) = (Manifests.Deployment("web", 3), Ct);
        await using var cluster = await TestCluster.StartAsync(o => o with { FakeTime = true });
        await cluster.Client.CreateAsync(web, ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(5), ct);
        var snapshot = await cluster.SnapshotAsync(ct);
        await cluster.Client.DeleteAsync<Deployment>("default", "web", null, ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(5), ct);
        Assert.Empty((await cluster.Client.ListAsync<Pod>("default", null, ct)).Items);
        await cluster.RestoreAsync(snapshot, ct);
        Assert.Equal(3, (await cluster.Client.ListAsync<Pod>("default", null, ct)).Items.Count);
    }

    [Fact]
    public async Task What_happened_can_be_read()
    {
        var (web, ct) = (Manifests.Deployment("web", 3), Ct);
        await using var cluster = await TestCluster.StartAsync(o => o with { FakeTime = true });
        await cluster.Client.CreateAsync(web, ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(5), ct);
        Assert.Equal(3, cluster.History.Created<Pod>("default").Count);
        Assert.Equal([0, 3], cluster.History.StatesOf<Deployment>("default", "web").Select(d => d.Status.AvailableReplicas).Where(n => n is 0 or 3).Distinct());
        Assert.Contains(cluster.History.Events, e => e.Reason == "ScalingReplicaSet");
        Assert.DoesNotContain(cluster.History.Requests, r => r.Verb == "delete");
        await cluster.ShouldAsync(async () => Assert.Equal(3, (await cluster.Client.GetAsync<Deployment>("default", "web", ct)).Status.ReadyReplicas));
    }

    [Fact]
    public async Task Nodes_and_stages_are_what_the_test_says()
    {
        var (job, ct) = (Manifests.Job("once", ("run-duration", "30s")), Ct);
        await using var cluster = await TestCluster.StartAsync(o => o with
        {
            FakeTime = true,
            Nodes = 6,
            SimulatedNodes = n => n with
            {
                LabelsOf = number => new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = "zone-" + (number % 3) },
                Capacity = new Dictionary<string, Quantity>(n.Capacity) { ["cpu"] = Quantity.Parse("4") },
                Stages =
                [
                    new("out of memory", p => p.Metadata.Labels.ContainsKey("oom") && p.Status.Phase == "Running", PodStageResult.Failed) { ExitCode = _ => 137 },
                    .. PodStage.Default,
                ],
            },
        });
        await cluster.Client.CreateAsync(job, ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(29), ct);
        Assert.Equal(1, (await cluster.Client.GetAsync<Job>("default", "once", ct)).Status.Active);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(2), ct);
        Assert.Equal(1, (await cluster.Client.GetAsync<Job>("default", "once", ct)).Status.Succeeded);
        Assert.Equal(6, (await cluster.Client.ListAsync<Node>("", null, ct)).Items.Count(n => n.Status.Capacity["cpu"] == Quantity.Parse("4")));
    }

    [Fact]
    public async Task An_address_and_a_kubeconfig_are_had_for_the_asking()
    {
        await using var cluster = await TestCluster.StartAsync(o => o with { Https = true });
        var file = cluster.KubeconfigFile("jane", "devs");
        Assert.Contains(cluster.Address!.Authority, await File.ReadAllTextAsync(file, Ct));
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));

    private static string Path([CallerFilePath] string path = "") => path;

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
