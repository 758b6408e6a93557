using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using static Kobune.ControllerManager.Tests.Jobs.JobObjects;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Indexed Jobs, policies of failure and success.</summary>
public sealed class IndexedJobTests : IAsyncLifetime
{
    private JobCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await JobCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Each_index_has_a_pod_that_knows_its_index()
    {
        await _cluster.CreateAsync(Indexed(3));
        var pods = await _cluster.Running(3);
        for (var i = 0; i < 3; i++)
        {
            Assert.StartsWith($"j-{i}-", pods[i].Metadata.Name);
            Assert.Equal($"j-{i}", pods[i].Spec.Hostname);
            Assert.Equal($"{i}", pods[i].Metadata.Annotations["batch.kubernetes.io/job-completion-index"]);
            Assert.Equal($"{i}", pods[i].Metadata.Labels["batch.kubernetes.io/job-completion-index"]);
            var variable = Assert.Single(pods[i].Spec.Containers[0].Env);
            Assert.Equal(("JOB_COMPLETION_INDEX", "metadata.labels['batch.kubernetes.io/job-completion-index']"), (variable.Name, variable.ValueFrom!.FieldRef!.FieldPath));
            Assert.False(pods[i].Metadata.Annotations.ContainsKey("batch.kubernetes.io/job-index-failure-count"));
        }

        await _cluster.EndAsync(pods[0], 0);
        await _cluster.EndAsync(pods[2], 0);
        await _cluster.Sees("two indexes", j => j.Status is { CompletedIndexes: "0,2", Succeeded: 2, FailedIndexes: null });
        await _cluster.EndAsync(pods[1], 0);
        await _cluster.Sees("the end", j => j.Status.CompletedIndexes == "0-2" && JobCluster.Condition(j, "Complete") is not null);
    }

    [Fact]
    public async Task All_indexes_run_though_some_fail_with_a_limit_for_each()
    {
        await _cluster.CreateAsync(Indexed(4) with { BackoffLimitPerIndex = 1 });
        var pods = await _cluster.Running(4);
        Assert.All(pods, p => Assert.Equal("0", p.Metadata.Annotations["batch.kubernetes.io/job-index-failure-count"]));
        foreach (var pod in pods)
        {
            await _cluster.EndAsync(pod, IndexOf(pod) % 2);
        }

        await _cluster.Sees("the even ones", j => j.Status is { CompletedIndexes: "0,2", FailedIndexes: "" });
        _cluster.Time.Advance(TimeSpan.FromSeconds(11));
        var second = await _cluster.Running(2, [.. pods]);
        Assert.Equal([1, 3], second.Select(IndexOf));
        Assert.All(second, p => Assert.Equal("1", p.Metadata.Annotations["batch.kubernetes.io/job-index-failure-count"]));
        foreach (var pod in second)
        {
            await _cluster.EndAsync(pod, 1);
        }

        var failed = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Failed") is not null);
        Assert.Equal(("0,2", "1,3", 2, 4), (failed.Status.CompletedIndexes, failed.Status.FailedIndexes, failed.Status.Succeeded, failed.Status.Failed));
        Assert.All(failed.Status.Conditions, c => Assert.Equal(("FailedIndexes", "Job has failed indexes"), (c.Reason, c.Message)));
        await _cluster.Event("FailedIndexes", "Job has failed indexes", "Warning");
        await _cluster.Pods("no finalizer is left", all => all.All(p => p.Metadata.Finalizers.Count == 0));
    }

    [Fact]
    public async Task Too_many_failed_indexes_end_the_job_and_its_pods()
    {
        await _cluster.CreateAsync(Indexed(10) with { Parallelism = 3, BackoffLimitPerIndex = 0, MaxFailedIndexes = 1 });
        var pods = await _cluster.Running(3);
        await _cluster.EndAsync(pods[0], 1);
        await _cluster.Sees("one failed index", j => j.Status.FailedIndexes == "0");
        await _cluster.EndAsync((await _cluster.Running(3, pods[0]))[0], 1);
        var failed = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Failed") is not null);
        Assert.Equal(("0,1", 0), (failed.Status.FailedIndexes, failed.Status.Active));
        Assert.All(failed.Status.Conditions, c => Assert.Equal(("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"), (c.Reason, c.Message)));
        await _cluster.Running(0);
    }

    [Fact]
    public async Task The_action_FailIndex_fails_an_index_at_once()
    {
        await _cluster.CreateAsync(Indexed(2) with { BackoffLimitPerIndex = 5, PodFailurePolicy = OnExit("FailIndex", "In", 42) });
        var pods = await _cluster.Running(2);
        await _cluster.EndAsync(pods[0], 42);
        await _cluster.Sees("the index failed", j => j.Status.FailedIndexes == "0");
        await _cluster.EndAsync(pods[1], 0);
        var failed = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Failed") is not null);
        Assert.Equal(("0", "1", 1), (failed.Status.FailedIndexes, failed.Status.CompletedIndexes, failed.Status.Failed));
    }

    [Fact]
    public async Task The_action_FailJob_fails_the_job_at_once()
    {
        await _cluster.CreateAsync(Spec() with { Completions = 2, Parallelism = 2, PodFailurePolicy = OnExit("FailJob", "In", 3) });
        var pods = await _cluster.Running(2);
        await _cluster.EndAsync(pods[0], 3);
        var message = $"Container c for pod default/{pods[0].Metadata.Name} failed with exit code 3 matching FailJob rule at index 0";
        await _cluster.Sees("the verdict", j => JobCluster.Condition(j, "FailureTarget") is { Reason: "PodFailurePolicy" } c && c.Message == message);

        // The policy makes replacement wait for the end of a pod, and the end of the Job does too.
        var failed = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Failed") is { Reason: "PodFailurePolicy" } c && c.Message == message);
        Assert.Equal((2, 0, 0), (failed.Status.Failed, failed.Status.Active, failed.Status.Terminating));
        await _cluster.Event("PodFailurePolicy", message, "Warning");
    }

    [Fact]
    public async Task The_action_Ignore_counts_no_failure()
    {
        var policy = new PodFailurePolicy { Rules = [new() { Action = "Ignore", OnPodConditions = [new() { Type = "DisruptionTarget", Status = "True" }] }] };
        await _cluster.CreateAsync(Spec() with { BackoffLimit = 0, PodFailurePolicy = policy });
        var pod = (await _cluster.Running(1))[0];
        await _cluster.ChangeAsync(pod, p => p.Status with { Phase = PodPhase.Failed, Conditions = [new() { Type = "DisruptionTarget", Status = "True", LastTransitionTime = _cluster.Time.GetUtcNow() }] });
        await _cluster.Pods("the pod has no finalizer", all => all.Any(p => p.Metadata.Name == pod.Metadata.Name && p.Metadata.Finalizers.Count == 0));
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await _cluster.EndAsync((await _cluster.Running(1, pod))[0], 0);
        var done = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Complete") is not null);
        Assert.Equal((1, 0), (done.Status.Succeeded, done.Status.Failed));
    }

    [Theory]
    [InlineData(null, 1, "0")]
    [InlineData("0-1", null, "0,1")]
    [InlineData("0-2", 2, "0,1")]
    public async Task A_success_policy_ends_a_job_while_indexes_are_pending(string? indexes, int? count, string completed)
    {
        await _cluster.CreateAsync(Indexed(5) with { Parallelism = 2, SuccessPolicy = new() { Rules = [new() { SucceededIndexes = indexes, SucceededCount = count }] } });
        var pods = await _cluster.Running(2);
        await _cluster.EndAsync(pods[0], 0);
        if (completed == "0,1")
        {
            await _cluster.Running(2, pods[0]);
            await _cluster.EndAsync(pods[1], 0);
        }

        var done = await _cluster.Sees("the end", j => JobCluster.Condition(j, "Complete") is not null);
        Assert.Equal((completed, 0, 0), (done.Status.CompletedIndexes, done.Status.Failed, done.Status.Active));
        Assert.Equal(["SuccessCriteriaMet", "Complete"], done.Status.Conditions.Select(c => c.Type));
        Assert.All(done.Status.Conditions, c => Assert.Equal(("SuccessPolicy", "Matched rules at index 0"), (c.Reason, c.Message)));
        await _cluster.Running(0);
    }

    [Fact]
    public async Task An_elastic_job_grows_and_shrinks_with_its_indexes()
    {
        await _cluster.CreateAsync(Indexed(2));
        var pods = await _cluster.Running(2);
        await _cluster.EndAsync(pods[1], 0);
        await _cluster.Sees("one index", j => j.Status.CompletedIndexes == "1");
        await _cluster.ChangeAsync(j => j with { Spec = j.Spec with { Completions = 4, Parallelism = 4 } });
        Assert.Equal([0, 2, 3], (await _cluster.Running(3, pods[1])).Select(IndexOf));
        await _cluster.ChangeAsync(j => j with { Spec = j.Spec with { Completions = 1, Parallelism = 1 } });
        Assert.Equal([0], (await _cluster.Running(1)).Select(IndexOf));
        await _cluster.Sees("the lost index is not counted", j => j.Status is { CompletedIndexes: "", Succeeded: 0 });
        await _cluster.EndAsync(pods[0], 0);
        await _cluster.Sees("the end", j => j.Status is { CompletedIndexes: "0", Succeeded: 1 } && JobCluster.Condition(j, "Complete") is not null);
    }

    private static int IndexOf(Pod pod) => int.Parse(pod.Metadata.Annotations["batch.kubernetes.io/job-completion-index"]);
}
