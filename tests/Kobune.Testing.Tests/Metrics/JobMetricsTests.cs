using Kobune.Api.Batch.V1;

namespace Kobune.Testing.Tests.Metrics;

/// <summary>The Job controller counts what becomes of Jobs, their pods and their indexes.</summary>
public sealed class JobMetricsTests
{
    [Fact]
    public async Task Pods_that_succeed_are_counted_with_their_job_and_lose_their_finalizers()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(With(Manifests.Job("j", ("run-duration", "5s")), s => s with { Completions = 3, Parallelism = 3 }));
        await cluster.PassAsync(30);
        Assert.Equal(["{completion_mode=NonIndexed,result=succeeded} 3"], cluster.Samples("job_controller_job_pods_finished_total"));
        Assert.Equal(["{completion_mode=NonIndexed,reason=CompletionsReached,result=succeeded} 1"], cluster.Samples("job_controller_jobs_finished_total"));
        Assert.Equal(["{event=add} 3", "{event=delete} 3"], cluster.Samples("job_controller_terminated_pods_tracking_finalizer_total"));
        Assert.Equal(["{reason=new,status=succeeded} 3"], cluster.Samples("job_controller_job_pods_creation_total"));
        Assert.Empty(cluster.Samples("job_controller_job_finished_indexes_total"));
        Assert.Equal(1, cluster.Value("job_controller_job_syncs_total{action=\"pods_created\",completion_mode=\"NonIndexed\",result=\"success\"}"));
        Assert.Equal(1, cluster.Value("job_controller_job_sync_duration_seconds_count{action=\"pods_created\",completion_mode=\"NonIndexed\",result=\"success\"}"));
    }

    [Fact]
    public async Task Failed_pods_are_counted_and_what_replaces_them_is_told_by_its_reason()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(With(Manifests.Job("j", ("run-duration", "5s"), ("exit-code", "1")), s => s with { BackoffLimit = 1 }));
        await cluster.CreateAsync(With(Manifests.Job("k", ("run-duration", "5s"), ("exit-code", "1")), s => s with { BackoffLimit = 1, PodReplacementPolicy = "Failed" }));
        await cluster.PassAsync(120);
        Assert.Equal(["{completion_mode=NonIndexed,result=failed} 4"], cluster.Samples("job_controller_job_pods_finished_total"));
        Assert.Equal(["{completion_mode=NonIndexed,reason=BackoffLimitExceeded,result=failed} 2"], cluster.Samples("job_controller_jobs_finished_total"));
        Assert.Equal(
            ["{reason=new,status=succeeded} 2", "{reason=recreate_failed,status=succeeded} 1", "{reason=recreate_terminating_or_failed,status=succeeded} 1"],
            cluster.Samples("job_controller_job_pods_creation_total"));
    }

    [Fact]
    public async Task Rules_of_a_failure_policy_are_counted_by_what_they_do()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        foreach (var (name, code, action) in new[] { ("fail", "42", "FailJob"), ("count", "7", "Count") })
        {
            await cluster.CreateAsync(With(Manifests.Job(name, ("run-duration", "5s"), ("exit-code", code)), s => s with
            {
                BackoffLimit = 0,
                PodFailurePolicy = new() { Rules = [new() { Action = action, OnExitCodes = new() { Operator = "In", Values = [int.Parse(code)] } }] },
            }));
        }

        await cluster.PassAsync(30);
        Assert.Equal(["{action=Count} 1", "{action=FailJob} 1"], cluster.Samples("job_controller_pod_failures_handled_by_failure_policy_total"));
        Assert.Equal(
            ["{completion_mode=NonIndexed,reason=BackoffLimitExceeded,result=failed} 1", "{completion_mode=NonIndexed,reason=PodFailurePolicy,result=failed} 1"],
            cluster.Samples("job_controller_jobs_finished_total"));
    }

    [Fact]
    public async Task Indexes_are_counted_by_how_they_end_and_whose_limit_it_was()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(With(Manifests.Job("good", ("run-duration", "5s")), s => s with { Completions = 2, Parallelism = 2, CompletionMode = "Indexed" }));
        await cluster.CreateAsync(With(Manifests.Job("bad", ("run-duration", "5s"), ("exit-code", "1")), s => s with { Completions = 3, Parallelism = 3, CompletionMode = "Indexed", BackoffLimitPerIndex = 0 }));
        await cluster.PassAsync(60);
        Assert.Equal(["{backoffLimit=global,status=succeeded} 2", "{backoffLimit=perIndex,status=failed} 3"], cluster.Samples("job_controller_job_finished_indexes_total"));
        Assert.Equal(["{completion_mode=Indexed,result=failed} 3", "{completion_mode=Indexed,result=succeeded} 2"], cluster.Samples("job_controller_job_pods_finished_total"));
    }

    [Fact]
    public async Task A_job_of_another_controller_is_counted_once_and_its_end_is_not()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(With(Manifests.Job("j"), s => s with { ManagedBy = "example.com/queue" }));
        await cluster.PassAsync();
        Assert.Equal(["{controller_name=example.com/queue} 1"], cluster.Samples("job_controller_jobs_by_external_controller_total"));
        Assert.Empty(cluster.Samples("job_controller_job_syncs_total"));
    }

    private static Job With(Job job, Func<JobSpec, JobSpec> change) => job with { Spec = change(job.Spec) };
}
