using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Testing.Tests.Time;

public sealed class FakeTimeTests
{
    private static readonly TestClusterOptions Options = new() { FakeTime = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Time_stands_still_until_it_is_advanced()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        Assert.Empty(cluster.Strays);
        var before = cluster.Time.GetUtcNow();
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 3), Ct);
        await cluster.Time.SettleAsync(Ct);
        Assert.Equal(3, (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.AvailableReplicas);
        Assert.Equal(before, cluster.Time.GetUtcNow());
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        Assert.Equal(before.AddMinutes(2), cluster.Time.GetUtcNow());
        Assert.Empty(cluster.DeniedRequests);
        Assert.Empty(cluster.Strays);
    }

    [Fact]
    public async Task What_a_call_sets_going_has_come_to_rest_when_the_call_ends()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 100), Ct);
        Assert.Equal(100, cluster.History.Created<Pod>("default").Count); // no call, and no wait
    }

    [Fact]
    public async Task A_cron_job_runs_sixty_times_in_an_hour()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        await cluster.Client.CreateAsync(Manifests.CronJob("tick", "* * * * *"), Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1), Ct);
        var jobs = (await cluster.Client.ListAsync<Job>("default", null, Ct)).Items;
        Assert.Equal(60, jobs.Count);
        Assert.All(jobs, j => Assert.Equal(1, j.Status.Succeeded));
        Assert.Equal(Options.StartTime.AddHours(1), (await cluster.Client.GetAsync<CronJob>("default", "tick", Ct)).Status.LastScheduleTime);
    }

    [Fact]
    public async Task A_finished_job_is_deleted_when_its_time_to_live_is_over()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        var job = Manifests.Job("once");
        await cluster.Client.CreateAsync(job with { Spec = job.Spec with { TTLSecondsAfterFinished = 100 } }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(99), Ct);
        Assert.Single((await cluster.Client.ListAsync<Job>("default", null, Ct)).Items);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(3), Ct);
        Assert.Empty((await cluster.Client.ListAsync<Job>("default", null, Ct)).Items);
        Assert.Empty((await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items);
    }

    [Fact]
    public async Task A_job_that_fails_is_tried_with_growing_pauses_and_given_up()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        var job = Manifests.Job("fails", ("exit-code", "3"));
        await cluster.Client.CreateAsync(job with { Spec = job.Spec with { BackoffLimit = 3 } }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(9), Ct);
        Assert.Equal(1, (await cluster.Client.GetAsync<Job>("default", "fails", Ct)).Status.Failed);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(2), Ct);
        Assert.Equal(2, (await cluster.Client.GetAsync<Job>("default", "fails", Ct)).Status.Failed);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(5), Ct);
        var status = (await cluster.Client.GetAsync<Job>("default", "fails", Ct)).Status;
        Assert.Equal(4, status.Failed);
        Assert.Equal("BackoffLimitExceeded", status.Conditions.Single(c => c is { Type: "Failed", Status: "True" }).Reason);
    }

    [Fact]
    public async Task A_rollout_that_does_not_progress_is_told_at_its_deadline()
    {
        await using var cluster = await TestCluster.StartAsync(Options, Ct);
        var web = Manifests.Deployment("stuck", 1, ("ready", "false"));
        await cluster.Client.CreateAsync(web with { Spec = web.Spec with { ProgressDeadlineSeconds = 600 } }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(595), Ct);
        Assert.Equal("True", (await ProgressAsync(cluster)).Status);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Equal(("False", "ProgressDeadlineExceeded"), (await ProgressAsync(cluster)) is var c ? (c.Status, c.Reason) : default);
    }

    [Fact]
    public async Task Leases_are_renewed_and_no_node_flaps_in_a_day()
    {
        await using var cluster = await TestCluster.StartAsync(Options with { Nodes = 3 }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromHours(6), Ct);
        foreach (var node in (await cluster.Client.ListAsync<Node>("", null, Ct)).Items)
        {
            var ready = node.Status.Conditions.Single(c => c.Type == "Ready");
            Assert.Equal(("True", Options.StartTime), (ready.Status, ready.LastTransitionTime));
            Assert.Empty(node.Spec.Taints);
            var lease = await cluster.Client.GetAsync<Lease>("kube-node-lease", node.Metadata.Name, Ct);
            Assert.InRange(cluster.Time.GetUtcNow() - lease.Spec.RenewTime!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }
    }

    private static async Task<DeploymentCondition> ProgressAsync(TestCluster cluster) =>
        (await cluster.Client.GetAsync<Deployment>("default", "stuck", Ct)).Status.Conditions.Single(c => c.Type == "Progressing");
}
