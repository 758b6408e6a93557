using System.Globalization;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Jobs;
using static Kobune.ControllerManager.Tests.Jobs.JobObjects;

namespace Kobune.ControllerManager.Tests.Jobs;

public class JobPlanTests
{
    private sealed record Case(string Name, Job Job, Pod[] Pods, string Create = "", string[]? Delete = null, int? LookAgain = null);

    private static readonly Case[] Cases =
    [
        new("starts what may run at once", Job(Spec() with { Completions = 5, Parallelism = 2 }), [], Create: "-,-"),
        new("starts no more than completions are left", Job(Spec() with { Completions = 3, Parallelism = 3 }, new() { Succeeded = 2 }), [], Create: "-"),
        new("starts nothing when it rests", Job(Spec() with { Suspend = true }), []),
        new("deletes all when it rests", Job(Spec() with { Parallelism = 2, Completions = 2, Suspend = true }), [JobPod("a"), JobPod("b")], Delete: ["a", "b"]),
        new("deletes what is too much", Job(Spec() with { Completions = 5, Parallelism = 1 }), [JobPod("a"), Pending(JobPod("b"))], Delete: ["b"]),
        new("counts no costs of a deletion", Job(Spec() with { Completions = 5, Parallelism = 1 }), [Cost(JobPod("a"), 9), JobPod("b", age: TimeSpan.FromHours(2))], Delete: ["a"]),
        new("deletes the younger of pods of about the same age", Job(Spec() with { Completions = 5, Parallelism = 1 }), [JobPod("a", age: TimeSpan.FromSeconds(3601)), JobPod("b", age: TimeSpan.FromSeconds(3600))], Delete: ["b"]),
        new("starts at most 500 at once", Job(Spec() with { Completions = 2000, Parallelism = 2000 }), [], Create: string.Join(',', Enumerable.Repeat("-", 500))),
        new("without completions leaves the others when one has succeeded", Job(Spec() with { Completions = null, Parallelism = 3 }), [JobPod("a", exitCode: 0), JobPod("b")]),
        new("without completions keeps its parallelism", Job(Spec() with { Completions = null, Parallelism = 3 }), [JobPod("b")], Create: "-,-"),
        new("waits for 10 seconds after a failure", Job(Spec()), [JobPod("a", exitCode: 1, ago: TimeSpan.FromSeconds(4))], LookAgain: 6),
        new("waits for 20 seconds after two", Job(Spec()), [JobPod("a", exitCode: 1, ago: TimeSpan.FromSeconds(4)), JobPod("b", exitCode: 1, ago: TimeSpan.FromSeconds(9))], LookAgain: 16),
        new("waits no longer", Job(Spec()), [JobPod("a", exitCode: 1, ago: TimeSpan.FromSeconds(11))], Create: "-"),
        new("waits not after a success", Job(Spec() with { Completions = 3 }), [JobPod("a", exitCode: 1, ago: TimeSpan.FromSeconds(4)), JobPod("b", exitCode: 0, ago: TimeSpan.FromSeconds(3))], Create: "-"),
        new("counts pods that go as running no more", Job(Spec()), [Going(JobPod("a"))], LookAgain: 10),
        new("replaces with the policy Failed only what has failed", Job(Spec() with { PodReplacementPolicy = "Failed" }), [Going(JobPod("a"))]),
        new("replaces with a failure policy only what has failed", Job(Spec() with { PodFailurePolicy = OnExit("Ignore", "In", 7) }), [Going(JobPod("a"))]),
        new("gives out the first free indexes", Job(Indexed(5) with { Parallelism = 3 }, new() { CompletedIndexes = "0" }), [JobPod("a", 2)], Create: "1,3"),
        new("keeps one pod of an index, and none without a valid one", Job(Indexed(2)), [JobPod("a", 0), JobPod("b"), JobPod("c", 7)], Delete: ["b", "c"]),
        new("keeps the pod of an index that is further", Job(Indexed(2)), [Pending(JobPod("a", 0)), JobPod("b", 0)], Delete: ["a"]),
        new("leaves failed indexes alone", Job(Indexed(3) with { BackoffLimitPerIndex = 0 }, new() { FailedIndexes = "1" }), [], Create: "0,2"),
        new("lets each index wait for itself", Job(Indexed(3) with { BackoffLimitPerIndex = 3 }), [JobPod("a", 0, exitCode: 1, ago: TimeSpan.FromSeconds(11)), JobPod("b", 1, exitCode: 1, ago: TimeSpan.FromSeconds(11), failures: 1)], Create: "0,2", LookAgain: 9),
        new("gives an index to nobody while its pod goes, with the policy Failed", Job(Indexed(2) with { PodReplacementPolicy = "Failed", Parallelism = 2 }), [Going(JobPod("a", 0))], Create: "1"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_job(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var plan = JobPlan.Compute(JobFacts.Of(c.Job, c.Pods, default), Now);
        Assert.Equal(c.Create, string.Join(',', plan.Create.Select(i => i?.ToString() ?? "-")));
        Assert.Equal(c.Delete ?? [], plan.Delete.Select(p => p.Metadata.Name).Order());
        Assert.Equal(c.LookAgain, plan.LookAgain is { } again ? (int)Math.Round(again.TotalSeconds) : null);
    }

    [Fact]
    public void A_back_off_grows_up_to_ten_minutes_and_a_later_success_ends_it()
    {
        Assert.Equal(TimeSpan.FromSeconds(10), new JobBackoff(1, Now).Left(Now));
        Assert.Equal(TimeSpan.FromSeconds(320), new JobBackoff(6, Now).Left(Now));
        Assert.Equal(TimeSpan.FromMinutes(10), new JobBackoff(7, Now).Left(Now));
        Assert.Equal(TimeSpan.FromMinutes(10), new JobBackoff(5000, Now).Left(Now));
        Assert.Equal(TimeSpan.Zero, default(JobBackoff).Left(Now));
        var after = new JobBackoff(4, Now).With([JobPod("s", exitCode: 0, ago: TimeSpan.FromSeconds(5))], [JobPod("f", exitCode: 1, ago: TimeSpan.FromSeconds(9)), JobPod("g", exitCode: 1, ago: TimeSpan.FromSeconds(2))]);
        Assert.Equal(new JobBackoff(1, Now.AddSeconds(-2)), after);
        Assert.Equal(default, new JobBackoff(4, Now).With([JobPod("s", exitCode: 0)], []));
        Assert.Equal(new JobBackoff(4, Now), new JobBackoff(4, Now).With([], []));
    }

    [Theory]
    [InlineData("c:30,d:20,e:25", "", null, null, 20)]
    [InlineData("c:30,d:", "", null, 40, 40)]
    [InlineData("c:", "", 50, 40, 50)]
    [InlineData("c:", "", null, null, 3600)]
    [InlineData("c:30", "s:10", null, null, 10)]
    [InlineData("c:30", "i:10", null, null, 30)]
    [InlineData("c:30", "s:", null, 40, 40)]
    public void A_pod_has_ended_with_its_last_container(string containers, string init, int? unready, int? deleted, int ago)
    {
        var pod = JobPod("p", exitCode: 1);
        pod = pod with
        {
            Metadata = pod.Metadata with { DeletionTimestamp = deleted is { } d ? Now.AddSeconds(30 - d) : null, DeletionGracePeriodSeconds = deleted is null ? null : 30 },
            Spec = pod.Spec with { InitContainers = [new() { Name = "i" }, new() { Name = "s", RestartPolicy = "Always" }] },
            Status = pod.Status with
            {
                ContainerStatuses = Ended(containers),
                InitContainerStatuses = Ended(init),
                Conditions = unready is { } u ? [new() { Type = "Ready", Status = "False", LastTransitionTime = Now.AddSeconds(-u) }] : [new() { Type = "Ready", Status = "True", LastTransitionTime = Now }],
            },
        };
        Assert.Equal(Now.AddSeconds(-ago), pod.FinishedAt());

        static ContainerStatus[] Ended(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split(':')).Select(t => new ContainerStatus
        {
            Name = t[0],
            State = t[1].Length == 0 ? new() { Running = new() } : new() { Terminated = new() { FinishedAt = Now.AddSeconds(-int.Parse(t[1], CultureInfo.InvariantCulture)) } },
        })];
    }

    [Theory]
    [InlineData(true, false, false, 5)]
    [InlineData(false, true, true, 7)]
    [InlineData(false, false, true, 20)]
    [InlineData(false, false, false, 3600)]
    public void The_end_of_a_pod_is_told_by_containers_or_the_condition_or_the_deletion_or_its_creation(bool containers, bool condition, bool deletion, int secondsAgo)
    {
        var pod = JobPod("a", exitCode: containers ? 1 : null, ago: TimeSpan.FromSeconds(5));
        pod = condition ? pod with { Status = pod.Status with { Conditions = [new() { Type = "Ready", Status = "False", LastTransitionTime = Now.AddSeconds(-7) }] } } : pod;
        pod = deletion ? pod with { Metadata = pod.Metadata with { DeletionTimestamp = Now.AddSeconds(10), DeletionGracePeriodSeconds = 30 } } : pod;
        Assert.Equal(Now.AddSeconds(-secondsAgo), pod.FinishedAt());
    }

    [Theory]
    [InlineData(false, null, 1, "tracking")]
    [InlineData(false, null, 0, "pods_created")]
    [InlineData(false, 4, 0, "pods_created")]
    [InlineData(false, null, 2, "pods_deleted")]
    [InlineData(true, null, 0, "pods_deleted")]
    public void A_step_says_what_it_is_for(bool isSuspended, int? failedAgo, int running, string action)
    {
        Pod[] pods = [.. Enumerable.Range(0, running).Select(i => JobPod("r" + i)), .. failedAgo is { } ago ? [JobPod("f", exitCode: 1, ago: TimeSpan.FromSeconds(ago))] : (Pod[])[]];
        Assert.Equal(action, JobPlan.Compute(JobFacts.Of(Job(Spec() with { Suspend = isSuspended }), pods, default), Now).Action);
    }

    private static Pod Cost(Pod pod, int cost) =>
        pod with { Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = $"{cost}" } } };

    private static Pod Pending(Pod pod) => pod with { Status = pod.Status with { Phase = PodPhase.Pending } };

    private static Pod Going(Pod pod) => pod with { Metadata = pod.Metadata with { DeletionTimestamp = Now } };
}
