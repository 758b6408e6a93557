using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using static Kobune.ControllerManager.Tests.Jobs.JobObjects;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Jobs from their creation to their end.</summary>
public sealed class JobTests : IAsyncLifetime
{
    private JobCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await JobCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_job_runs_its_pods_counts_them_once_and_completes()
    {
        var job = await _cluster.CreateAsync(Spec() with { Completions = 3, Parallelism = 2 });
        var pods = await _cluster.Running(2);
        Assert.All(pods, p => Assert.Equal(("Job", job.Metadata.Uid), (p.Metadata.OwnerReferences[0].Kind, p.Metadata.OwnerReferences[0].Uid)));
        Assert.All(pods, p => Assert.Equal(["batch.kubernetes.io/job-tracking"], p.Metadata.Finalizers));
        Assert.All(pods, p => Assert.Equal((job.Metadata.Uid, "j"), (p.Metadata.Labels["batch.kubernetes.io/controller-uid"], p.Metadata.Labels["batch.kubernetes.io/job-name"])));
        await _cluster.Sees("two active and ready pods", j => j.Status is { Active: 2, Ready: 2, Terminating: 0, Succeeded: 0, StartTime: not null });
        await _cluster.EndAsync(pods[0], 0);
        var second = await _cluster.Running(2, pods[0]);
        await _cluster.Sees("one success", j => j.Status is { Active: 2, Succeeded: 1, UncountedTerminatedPods: { Succeeded.Count: 0 } });
        foreach (var pod in second)
        {
            await _cluster.EndAsync(pod, 0);
        }

        var done = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Complete") is not null);
        Assert.Equal((3, 0, 0, 0), (done.Status.Succeeded, done.Status.Failed, done.Status.Active, done.Status.Ready));
        Assert.Equal(["SuccessCriteriaMet", "Complete"], done.Status.Conditions.Select(c => c.Type));
        Assert.All(done.Status.Conditions, c => Assert.Equal(("CompletionsReached", "Reached expected number of succeeded pods"), (c.Reason, c.Message)));
        Assert.NotNull(done.Status.CompletionTime);
        await _cluster.Pods("three pods without finalizers", all => all.Count == 3 && all.All(p => p.Metadata.Finalizers.Count == 0));
        await _cluster.Event("SuccessfulCreate", "Created pod: " + pods[0].Metadata.Name);
        await _cluster.Event("Completed", "Job completed");
    }

    [Fact]
    public async Task A_failed_pod_is_replaced_after_its_back_off_until_the_limit()
    {
        await _cluster.CreateAsync(Spec() with { BackoffLimit = 1 });
        var first = (await _cluster.Running(1))[0];
        await _cluster.EndAsync(first, 1);
        await _cluster.Sees("one failure, and no pod yet", j => j.Status is { Failed: 1, Active: 0 });
        _cluster.Time.Advance(TimeSpan.FromSeconds(4));
        await _cluster.Running(0, first);
        _cluster.Time.Advance(TimeSpan.FromSeconds(7));
        await _cluster.EndAsync((await _cluster.Running(1, first))[0], 1);
        var failed = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Failed") is not null);
        Assert.Equal((2, 0), (failed.Status.Failed, failed.Status.Active));
        Assert.Equal(["FailureTarget", "Failed"], failed.Status.Conditions.Select(c => c.Type));
        Assert.All(failed.Status.Conditions, c => Assert.Equal(("BackoffLimitExceeded", "Job has reached the specified backoff limit"), (c.Reason, c.Message)));
        Assert.Null(failed.Status.CompletionTime);
        await _cluster.Event("BackoffLimitExceeded", "Job has reached the specified backoff limit", "Warning");
    }

    [Fact]
    public async Task Without_completions_the_first_success_is_enough_and_the_others_are_let_finish()
    {
        await _cluster.CreateAsync(Spec() with { Parallelism = 2, Completions = null });
        var pods = await _cluster.Running(2);
        await _cluster.EndAsync(pods[0], 0);
        await _cluster.Sees("one success and one active pod", j => j.Status is { Succeeded: 1, Active: 1 });
        await _cluster.EndAsync(pods[1], 0);
        await _cluster.Sees("the end", j => j.Status.Succeeded == 2 && JobCluster.Condition(j, "Complete") is not null);
    }

    [Fact]
    public async Task Restarts_of_containers_count_with_OnFailure()
    {
        await _cluster.CreateAsync(Spec("OnFailure") with { BackoffLimit = 2 });
        var pod = (await _cluster.Running(1))[0];
        await _cluster.ChangeAsync(pod, p => p.Status with { ContainerStatuses = [new() { Name = "c", RestartCount = 1 }] });
        await _cluster.ChangeAsync(pod, p => p.Status with { ContainerStatuses = [new() { Name = "c", RestartCount = 2 }] });
        var failed = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Failed") is not null);
        Assert.Equal(("BackoffLimitExceeded", 1), (JobCluster.Condition(failed, "Failed")!.Reason, failed.Status.Failed));
        await _cluster.Pods("no pod", all => all.Count == 0);
        await _cluster.Event("SuccessfulDelete", "Deleted pod: " + pod.Metadata.Name);
    }

    [Fact]
    public async Task A_deadline_ends_a_job_with_its_pods()
    {
        await _cluster.CreateAsync(Spec() with { ActiveDeadlineSeconds = 30 });
        await _cluster.Running(1);
        await _cluster.Sees("one active pod", j => j.Status.Active == 1);
        _cluster.Time.Advance(TimeSpan.FromSeconds(31));
        var failed = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Failed") is not null);
        Assert.All(failed.Status.Conditions, c => Assert.Equal(("DeadlineExceeded", "Job was active longer than specified deadline"), (c.Reason, c.Message)));
        await _cluster.Pods("no pod", all => all.Count == 0);
    }

    [Fact]
    public async Task A_suspended_job_has_no_pods_and_starts_anew_when_it_is_resumed()
    {
        await _cluster.CreateAsync(Spec() with { Suspend = true, ActiveDeadlineSeconds = 60 });
        var suspended = await _cluster.Sees("it is suspended", j => JobCluster.Condition(j, "Suspended") is not null);
        Assert.Equal(("JobSuspended", "Job suspended", (DateTimeOffset?)null), (suspended.Status.Conditions[0].Reason, suspended.Status.Conditions[0].Message, suspended.Status.StartTime));
        await _cluster.Event("Suspended", "Job suspended");
        await _cluster.ChangeAsync(j => j with { Spec = j.Spec with { Suspend = false } });
        await _cluster.Running(1);
        var resumed = await _cluster.Sees("it is resumed", j => j.Status is { Active: 1, StartTime: not null } && j.Status.Conditions[0] is { Type: "Suspended", Status: "False", Reason: "JobResumed", Message: "Job resumed" });
        await _cluster.Event("Resumed", "Job resumed");

        // Its pods go without counting, and the deadline rests.
        await _cluster.ChangeAsync(j => j with { Spec = j.Spec with { Suspend = true } });
        await _cluster.Sees("it is suspended again", j => JobCluster.Condition(j, "Suspended") is not null && j.Status is { Active: 0, Failed: 0, Ready: 0, Terminating: 0 });
        await _cluster.Pods("no pod", all => all.Count == 0);
        _cluster.Time.Advance(TimeSpan.FromSeconds(100));
        await _cluster.ChangeAsync(j => j with { Spec = j.Spec with { Suspend = false } });
        await _cluster.Running(1);
        var again = await _cluster.Sees("it runs again", j => j.Status.Active == 1 && JobCluster.Condition(j, "Suspended") is null);
        Assert.True(again.Status.StartTime >= resumed.Status.StartTime!.Value.AddSeconds(99));
    }

    [Fact]
    public async Task Pods_without_an_owner_are_adopted_and_those_that_do_not_match_are_let_go()
    {
        var job = await _cluster.CreateAsync(Spec() with { Completions = 2, Parallelism = 2 });
        var pods = await _cluster.Running(2);
        await _cluster.Admin.PatchAsync<Pod>("default", pods[0].Metadata.Name, Merge("""{"metadata":{"ownerReferences":null}}"""), null, Ct);
        await _cluster.Pods("the pod is adopted with its finalizer", all => all.Any(p => p.Metadata.Name == pods[0].Metadata.Name && IsOf(p, job) && p.Metadata.Finalizers.Count == 1
            && p.Metadata.ResourceVersion != pods[0].Metadata.ResourceVersion));
        await _cluster.Admin.PatchAsync<Pod>("default", pods[0].Metadata.Name, Merge("""{"metadata":{"labels":null}}"""), null, Ct);
        await _cluster.Pods("the pod is free, without a finalizer, and another one runs", all => all.Count == 3
            && all.Single(p => p.Metadata.Name == pods[0].Metadata.Name).Metadata is { OwnerReferences.Count: 0, Finalizers.Count: 0 } && all.Count(p => IsOf(p, job)) == 2);
    }

    [Theory]
    [InlineData("Background")]
    [InlineData("Foreground")]
    [InlineData("Orphan")]
    [InlineData(null)]
    public async Task A_deleted_job_leaves_no_finalizer_on_its_pods_and_keeps_them_unless_asked(string? propagation)
    {
        await _cluster.CreateAsync(Spec() with { Completions = 2, Parallelism = 2 });
        var pods = await _cluster.Running(2);
        await _cluster.Admin.DeleteAsync<Job>("default", "j", new DeleteOptions { PropagationPolicy = propagation }, Ct);
        await _cluster.Jobs("no Job", all => all.Count == 0);
        await (propagation is "Orphan" or null
            ? _cluster.Pods("two free pods", all => all.Count == 2 && all.All(p => p.Metadata is { Finalizers.Count: 0, OwnerReferences.Count: 0 }))
            : _cluster.Pods("no pod", all => all.Count == 0));
        Assert.Equal(2, pods.Count);
    }

    [Fact]
    public async Task A_job_that_another_controller_manages_is_left_alone()
    {
        await _cluster.CreateAsync(Spec() with { ManagedBy = "example.test/other" }, "theirs");
        await _cluster.CreateAsync(Spec() with { ManagedBy = "kubernetes.io/job-controller" });
        await _cluster.Running(1);
        await _cluster.Sees("ours runs", j => j.Status.Active == 1);
        Assert.Equal(JobStatus.Empty, (await _cluster.Admin.GetAsync<Job>("default", "theirs", Ct)).Status);
    }

    [Fact]
    public async Task More_parallelism_starts_pods_and_less_takes_them_away_uncounted()
    {
        await _cluster.CreateAsync(Spec() with { Completions = 9, Parallelism = 1 });
        await _cluster.Running(1);
        await _cluster.ChangeAsync(j => j with { Spec = j.Spec with { Parallelism = 3 } });
        await _cluster.Running(3);
        await _cluster.ChangeAsync(j => j with { Spec = j.Spec with { Parallelism = 0 } });
        await _cluster.Sees("no pod, no failure", j => j.Status is { Active: 0, Failed: 0, Terminating: 0 });
        await _cluster.Pods("no pod", all => all.Count == 0);
    }

    [Theory]
    [InlineData("TerminatingOrFailed", 2)]
    [InlineData("Failed", 1)]
    public async Task A_pod_that_goes_is_replaced_at_once_or_when_it_has_failed(string policy, int tracked)
    {
        await _cluster.CreateAsync(Spec() with { PodReplacementPolicy = policy });
        var pod = (await _cluster.Running(1))[0];

        // Something else holds the pod, so that it goes and stays.
        await _cluster.Admin.PatchAsync<Pod>("default", pod.Metadata.Name, Strategic("""{"metadata":{"finalizers":["example.test/hold"]}}"""), null, Ct);
        await _cluster.Admin.DeleteAsync<Pod>("default", pod.Metadata.Name, null, Ct);
        await (tracked == 2
            ? _cluster.Sees("a failure for the one that goes", j => j.Status is { Failed: 1, Active: 0, Terminating: 1 })
            : _cluster.Sees("nobody failed", j => j.Status is { Failed: 0, Active: 0, Terminating: 1 }));
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        if (tracked == 2)
        {
            await _cluster.Running(1);
            await _cluster.Sees("one goes, one runs", j => j.Status is { Failed: 1, Active: 1, Terminating: 1 });
            return;
        }

        await _cluster.EndAsync(pod, 1);
        await _cluster.Sees("a failure", j => j.Status is { Failed: 1, Terminating: 0 });
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await _cluster.Running(1, pod);
    }

    private static bool IsOf(Pod pod, Job job) => pod.Metadata.OwnerReferences.Any(o => o.Uid == job.Metadata.Uid);
}
