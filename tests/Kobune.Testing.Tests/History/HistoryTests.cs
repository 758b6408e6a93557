using System.Text.RegularExpressions;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Testing.History;

namespace Kobune.Testing.Tests.History;

public sealed partial class HistoryTests
{
    private static readonly TestClusterOptions Options = new() { FakeTime = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_seeded_run_has_the_same_history_and_another_seed_another()
    {
        var first = await RunAsync(1);
        Assert.Equal(first, await RunAsync(1));
        Assert.NotEqual(first, await RunAsync(2));
    }

    [Fact]
    public async Task States_Events_and_requests_can_be_read()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 2), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(1), Ct);
        Assert.Equal(0, cluster.History.StatesOf<Deployment>("default", "web")[0].Status.ReadyReplicas);
        Assert.Equal(2, cluster.History.StatesOf<Deployment>("default", "web")[^1].Status.ReadyReplicas);
        Assert.Equal(2, cluster.History.Created<Pod>("default").Count);
        Assert.Contains(cluster.History.Events, e => e is { Reason: "ScalingReplicaSet", InvolvedObject.Name: "web" });
        Assert.Equal(2, cluster.History.Requests.Count(r => r is { Verb: "create", Resource: "pods/binding", Identity: "system:kube-scheduler", StatusCode: 201 }));
    }

    [Fact]
    public async Task A_failing_assertion_carries_the_timeline()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 1), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(1), Ct);
        await Assert.ThrowsAsync<ApiException>(() => cluster.Client.GetAsync<Pod>("default", "nobody", Ct));
        var failure = await Assert.ThrowsAsync<ClusterAssertionException>(() => cluster.ShouldAsync(() => throw new InvalidOperationException("no such thing")));
        Assert.StartsWith("no such thing", failure.Message, StringComparison.Ordinal);
        Assert.Contains("added    Deployment default/web", failure.Message, StringComparison.Ordinal);
        Assert.Contains("event    Deployment default/web: Normal ScalingReplicaSet: Scaled up replica set web-", failure.Message, StringComparison.Ordinal);
        Assert.Contains("404 get /api/v1/namespaces/default/pods/nobody of kubernetes-admin", failure.Message, StringComparison.Ordinal);
        Assert.Matches(@"\+00:00:00\.000  modified Pod default/web-\S+ \{""spec"":\{""nodeName"":""node-0""\}", cluster.Timeline(c => c.Kind == "Pod"));
    }

    [Fact]
    public async Task A_cluster_goes_back_to_a_snapshot_and_lives_on()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("kept", 2), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(1), Ct);
        var snapshot = await cluster.SnapshotAsync(Ct);
        for (var round = 0; round < 2; round++)
        {
            var before = ulong.Parse((await cluster.Client.ListAsync<Pod>("", null, Ct)).ResourceVersion, null);
            await cluster.Client.DeleteAsync<Deployment>("default", "kept", null, Ct);
            await cluster.Client.CreateAsync(Manifests.Deployment("new", 3), Ct);
            await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(1), Ct);
            Assert.Equal(3, (await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items.Count);

            await cluster.RestoreAsync(snapshot, Ct);
            Assert.Equal("kept", Assert.Single((await cluster.Client.ListAsync<Deployment>("default", null, Ct)).Items).Metadata.Name);
            await cluster.ShouldAsync(async () => Assert.Equal(2, (await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items.Count));
            Assert.True(ulong.Parse((await cluster.Client.ListAsync<Pod>("", null, Ct)).ResourceVersion, null) > before);
        }

        var kept = await cluster.Client.GetAsync<Deployment>("default", "kept", Ct);
        await cluster.Client.UpdateAsync(kept with { Spec = kept.Spec with { Replicas = 4 } }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Equal(4, (await cluster.Client.GetAsync<Deployment>("default", "kept", Ct)).Status.AvailableReplicas);
        Assert.Empty(cluster.DeniedRequests);
    }

    [Fact]
    public async Task A_watch_ends_as_expired_when_the_cluster_goes_back()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        var snapshot = await cluster.SnapshotAsync(Ct);
        var list = await cluster.Client.ListAsync<ConfigMap>("default", null, Ct);
        await using var watch = cluster.Client.WatchAsync<ConfigMap>("default", new() { ResourceVersion = list.ResourceVersion }, Ct).GetAsyncEnumerator(Ct);
        var next = watch.MoveNextAsync();
        await cluster.Time.SettleAsync(Ct);
        await cluster.RestoreAsync(snapshot, Ct);
        var expired = await Assert.ThrowsAsync<ApiException>(async () => await next);
        Assert.Equal(410, expired.Status.Code);
    }

    private static async Task<string> RunAsync(int seed)
    {
        await using var cluster = await TestCluster.StartAsync(Options with { Nodes = 2, Seed = seed }, Ct);
        using var conflicts = cluster.Faults.Conflict(new() { Verb = "update" }, probability: 0.3);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 5), Ct);
        await cluster.Client.CreateAsync(Manifests.CronJob("tick", "*/2 * * * *"), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(7), Ct);
        await cluster.Client.DeleteAsync<Deployment>("default", "web", null, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(3), Ct);

        return string.Join('\n', cluster.History.Changes.Select(c => $"{c.Time:O} {c.Revision} {c.Type} {c.Kind} {c.Key} {Text(c)}"));
    }

    /// <summary>Keys are made by the operating system's dice.</summary>
    private static string Text(ObjectChange change) => Certificate().Replace(System.Text.Encoding.UTF8.GetString(change.Object.Json.Span), "(certificate)");

    [GeneratedRegex("-----BEGIN [^\"]*")]
    private static partial Regex Certificate();
}
