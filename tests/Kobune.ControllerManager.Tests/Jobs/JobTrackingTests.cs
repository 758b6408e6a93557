using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Jobs;
using static Kobune.ControllerManager.Tests.Jobs.JobObjects;

namespace Kobune.ControllerManager.Tests.Jobs;

public class JobTrackingTests
{
    private static readonly JobCondition Fails = JobConditions.New("FailureTarget", "True", "R", "m", Now);
    private static readonly JobCondition Succeeds = JobConditions.New("SuccessCriteriaMet", "True", "R", "m", Now);

    [Fact]
    public void Ended_pods_are_written_down_then_released_then_counted()
    {
        var job = Job(Spec() with { Completions = 5, Parallelism = 5 }, new() { StartTime = Now, Succeeded = 1 });
        Pod[] pods = [JobPod("good", exitCode: 0), JobPod("bad", exitCode: 1), JobPod("running"), JobPod("counted", exitCode: 0, tracked: false)];
        var tracking = JobTracking.Compute(JobFacts.Of(job, pods, default), job.Status, null);
        Assert.Equal(["good", "bad"], tracking.Release.Select(p => p.Metadata.Name));
        Assert.Equal(new() { Succeeded = ["uid-good"], Failed = ["uid-bad"] }, tracking.Status.UncountedTerminatedPods);
        Assert.Equal((1, 0, true), (tracking.Status.Succeeded, tracking.Status.Failed, tracking.IsWhole));

        // The one that kept its finalizer is not counted, and not written down again.
        var status = JobTracking.Counted(tracking.Status, ["uid-bad", "uid-running"]);
        Assert.Equal((2, 0), (status.Succeeded, status.Failed));
        Assert.Equal(["uid-bad"], status.UncountedTerminatedPods!.Failed);
        var facts = JobFacts.Of(job with { Status = status }, [JobPod("bad", exitCode: 1), JobPod("running")], default);
        Assert.Equal((2, 1), (facts.Succeeded, facts.Failed));
        Assert.Equal(["uid-bad"], JobTracking.Compute(facts, status, null).Status.UncountedTerminatedPods!.Failed);
    }

    [Fact]
    public void In_a_job_that_fails_running_pods_count_as_failed_and_in_one_that_succeeds_not()
    {
        var job = Job(Spec() with { Completions = 5, Parallelism = 5 });
        Pod[] pods = [JobPod("running"), JobPod("good", exitCode: 0)];
        var failed = JobTracking.Compute(JobFacts.Of(job, pods, default), job.Status, Fails);
        Assert.Equal(new() { Succeeded = ["uid-good"], Failed = ["uid-running"] }, failed.Status.UncountedTerminatedPods);
        Assert.Equal([Fails], failed.Status.Conditions);
        var succeeded = JobTracking.Compute(JobFacts.Of(job, pods, default), job.Status, Succeeds);
        Assert.Equal(new() { Succeeded = ["uid-good"] }, succeeded.Status.UncountedTerminatedPods);
        Assert.Equal(2, succeeded.Release.Count);
    }

    [Fact]
    public void No_more_than_500_are_written_down_at_once()
    {
        var job = Job(Spec() with { Completions = 900, Parallelism = 900, BackoffLimit = 900 });
        var pods = Enumerable.Range(0, 700).Select(i => JobPod("p" + i, exitCode: i % 2)).ToList();
        var tracking = JobTracking.Compute(JobFacts.Of(job, pods, default), job.Status, null);
        Assert.Equal((500, 250, 250, false), (tracking.Release.Count, tracking.Status.UncountedTerminatedPods!.Succeeded.Count, tracking.Status.UncountedTerminatedPods.Failed.Count, tracking.IsWhole));
    }

    [Fact]
    public void The_last_failed_pod_of_an_index_stays_until_it_is_replaced()
    {
        var job = Job(Indexed(3) with { BackoffLimitPerIndex = 3 });
        Pod[] pods = [JobPod("first", 0, exitCode: 1), JobPod("second", 0, exitCode: 1, failures: 1), JobPod("replaced", 1, exitCode: 1), JobPod("new", 1, failures: 1), JobPod("last", 2, exitCode: 1, failures: 3)];
        var tracking = JobTracking.Compute(JobFacts.Of(job, pods, default), job.Status, null);
        Assert.Equal(["first", "last", "replaced"], tracking.Release.Select(p => p.Metadata.Name).Order());
        Assert.Equal(("2", ""), (tracking.Status.FailedIndexes, tracking.Status.CompletedIndexes));
        var made = JobPod("second", 0, exitCode: 1, failures: 1);
        Assert.Equal("2", PodOf(job, 0, made).Metadata.Annotations["batch.kubernetes.io/job-index-failure-count"]);
        var ignoring = job with { Spec = job.Spec with { PodFailurePolicy = OnExit("Ignore", "In", 1) } };
        var ignored = PodOf(ignoring, 0, made).Metadata.Annotations;
        Assert.Equal(("1", "1"), (ignored["batch.kubernetes.io/job-index-failure-count"], ignored["batch.kubernetes.io/job-index-ignored-failure-count"]));
    }

    [Fact]
    public void The_end_waits_for_pods_that_go_and_for_those_that_are_not_counted()
    {
        var status = new JobStatus { StartTime = Now, Conditions = [Fails], Terminating = 0, UncountedTerminatedPods = new() };
        Assert.Null(JobTracking.Finished(status with { Terminating = 1 }, Fails, Now));
        Assert.Null(JobTracking.Finished(status with { UncountedTerminatedPods = new() { Failed = ["u"] } }, Fails, Now));
        var failed = JobTracking.Finished(status, Fails, Now)!;
        Assert.Equal(("Failed", "R", "m", (DateTimeOffset?)null), (failed.Conditions[1].Type, failed.Conditions[1].Reason, failed.Conditions[1].Message, failed.CompletionTime));
        var complete = JobTracking.Finished(status with { Conditions = [Succeeds] }, Succeeds, Now)!;
        Assert.Equal(("Complete", "R", Now), (complete.Conditions[1].Type, complete.Conditions[1].Reason, complete.CompletionTime));
    }

    [Fact]
    public void Names_of_pods_with_an_index_stay_short_enough()
    {
        var job = Job(Indexed(200));
        job = job with { Metadata = job.Metadata with { Name = new string('j', 60) } };
        var pod = PodOf(job, 123, null);
        Assert.Equal(new string('j', 53) + "-123-", pod.Metadata.GenerateName);
        Assert.Equal(new string('j', 60) + "-123", pod.Spec.Hostname);
        var old = ControllerManager.Jobs.JobPod.Make(job, 1, null, hasLabel: false);
        Assert.Equal("metadata.annotations['batch.kubernetes.io/job-completion-index']", old.Spec.Containers[0].Env[0].ValueFrom!.FieldRef!.FieldPath);
        Assert.False(old.Metadata.Labels.ContainsKey("batch.kubernetes.io/job-completion-index"));
    }

    private static Pod PodOf(Job job, int index, Pod? replaced) => ControllerManager.Jobs.JobPod.Make(job, index, replaced, hasLabel: true);
}
