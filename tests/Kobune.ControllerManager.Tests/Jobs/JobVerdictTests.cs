using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Jobs;
using static Kobune.ControllerManager.Tests.Jobs.JobObjects;

namespace Kobune.ControllerManager.Tests.Jobs;

public class JobVerdictTests
{
    private sealed record Case(string Name, Job Job, Pod[] Pods, string? Verdict = null, string Message = "");

    private static readonly JobSpec Both = Indexed(2) with { BackoffLimitPerIndex = 0 };

    private static readonly Case[] Cases =
    [
        new("goes on", Job(Spec()), [JobPod("a")]),
        new("goes on with as many failures as its limit", Job(Spec() with { BackoffLimit = 1 }), [JobPod("a", exitCode: 1)]),
        new("ends with one more", Job(Spec() with { BackoffLimit = 1 }, new() { Failed = 1, StartTime = Now }), [JobPod("a", exitCode: 1)], "FailureTarget BackoffLimitExceeded", "Job has reached the specified backoff limit"),
        new("counts no pod twice", Job(Spec() with { BackoffLimit = 1 }, new() { Failed = 1, StartTime = Now }), [JobPod("a", exitCode: 1, tracked: false)]),
        new("counts what is written down", Job(Spec() with { BackoffLimit = 0 }, new() { StartTime = Now, UncountedTerminatedPods = new() { Failed = ["uid-gone"] } }), [], "FailureTarget BackoffLimitExceeded", "Job has reached the specified backoff limit"),
        new("does not count restarts with Never", Job(Spec() with { BackoffLimit = 1 }), [Restarted(2)]),
        new("counts restarts with OnFailure", Job(Spec("OnFailure") with { BackoffLimit = 2 }), [Restarted(2)], "FailureTarget BackoffLimitExceeded", "Job has reached the specified backoff limit"),
        new("allows none with a limit of 0", Job(Spec("OnFailure") with { BackoffLimit = 0 }), [Restarted(0)]),
        new("ends at its deadline", Job(Spec() with { ActiveDeadlineSeconds = 60 }), [], "FailureTarget DeadlineExceeded", "Job was active longer than specified deadline"),
        new("goes on before its deadline", Job(Spec() with { ActiveDeadlineSeconds = 61 }), []),
        new("has no deadline while it rests", Job(Spec() with { ActiveDeadlineSeconds = 1, Suspend = true }), []),
        new("ends when all indexes have ended", Job(Both), [JobPod("a", 0, exitCode: 1), JobPod("b", 1, exitCode: 0)], "FailureTarget FailedIndexes", "Job has failed indexes"),
        new("goes on while one has not", Job(Both), [JobPod("a", 0, exitCode: 1), JobPod("b", 1)]),
        new("ends with too many failed indexes", Job(Both with { MaxFailedIndexes = 0 }), [JobPod("a", 0, exitCode: 1), JobPod("b", 1)], "FailureTarget MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"),
        new("fails by its policy", Job(Spec() with { PodFailurePolicy = OnExit("FailJob", "NotIn", 1, 2) }), [JobPod("a", exitCode: 3)], "FailureTarget PodFailurePolicy", "Container c for pod default/a failed with exit code 3 matching FailJob rule at index 0"),
        new("does not fail by what its policy does not name", Job(Spec() with { PodFailurePolicy = OnExit("FailJob", "NotIn", 1, 2) }), [JobPod("a", exitCode: 2)]),
        new("succeeds by its policy", Job(Indexed(5) with { SuccessPolicy = new() { Rules = [new() { SucceededIndexes = "3" }, new() { SucceededCount = 1 }] } }), [JobPod("a", 1, exitCode: 0)], "SuccessCriteriaMet SuccessPolicy", "Matched rules at index 1"),
        new("fails rather than succeeds", Job(Indexed(5) with { BackoffLimit = 0, SuccessPolicy = new() { Rules = [new() { SucceededCount = 1 }] } }), [JobPod("a", 1, exitCode: 0), JobPod("b", 2, exitCode: 1)], "FailureTarget BackoffLimitExceeded", "Job has reached the specified backoff limit"),
        new("stays with its verdict", Job(Spec(), new() { StartTime = Now, Conditions = [new() { Type = "SuccessCriteriaMet", Status = "True", Reason = "Why", Message = "So" }] }), [JobPod("a", exitCode: 1)], "SuccessCriteriaMet Why", "So"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_job(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var verdict = JobVerdict.Of(JobFacts.Of(c.Job, c.Pods, default), Now);
        Assert.Equal((c.Verdict, c.Message), (verdict is null ? null : $"{verdict.Type} {verdict.Reason}", verdict?.Message ?? ""));
    }

    [Theory]
    [InlineData("Ignore", false, null)]
    [InlineData("Count", true, null)]
    [InlineData("FailIndex", true, null)]
    [InlineData("FailJob", true, "Pod default/a has condition DisruptionTarget matching FailJob rule at index 1")]
    public void The_first_rule_that_matches_decides(string action, bool counts, string? failure)
    {
        var policy = new PodFailurePolicy
        {
            Rules =
            [
                new() { Action = "FailJob", OnExitCodes = new() { ContainerName = "other", Operator = "In", Values = [1] } },
                new() { Action = action, OnPodConditions = [new() { Type = "DisruptionTarget", Status = "True" }] },
                new() { Action = "FailJob", OnExitCodes = new() { Operator = "In", Values = [1] } },
            ],
        };
        var pod = JobPod("a", exitCode: 1);
        pod = pod with { Status = pod.Status with { Conditions = [new() { Type = "DisruptionTarget", Status = "True" }] } };
        Assert.Equal(new PodFailureVerdict(counts, action, failure), PodFailureVerdict.Of(policy, pod));
        Assert.Equal(new PodFailureVerdict(true, "", null), PodFailureVerdict.Of(policy, JobPod("b", exitCode: 9)));
        Assert.Equal(new PodFailureVerdict(true, "", null), PodFailureVerdict.Of(null, pod));
    }

    [Theory]
    [InlineData("Later", "In", 2, "FailJob")]
    [InlineData("Ignore", "Later", 2, "FailJob")]
    [InlineData("Ignore", "NotIn", 2, "FailJob")]
    [InlineData("Ignore", "In", 2, "Ignore")]
    [InlineData("Ignore", "In", -1073741510, "Ignore")]
    [InlineData("Ignore", "NotIn", 111, "Ignore")]
    public void Rules_that_are_not_known_are_passed_over(string action, string op, int exitCode, string applied)
    {
        var codes = OnExit(action, op, 1, 2, -1073741510).Rules[0];
        var policy = new PodFailurePolicy { Rules = [codes, OnExit("FailJob", "In", 2, 3).Rules[0]] };
        var verdict = PodFailureVerdict.Of(policy, JobPod("a", exitCode: exitCode));
        Assert.Equal(applied, verdict.Action);
        Assert.Equal(applied == "FailJob" ? "Container c for pod default/a failed with exit code 2 matching FailJob rule at index 1" : null, verdict.JobFailure);
    }

    [Fact]
    public void Conditions_do_not_help_an_unknown_action()
    {
        PodFailurePolicyRule Rule(string action) => new() { Action = action, OnPodConditions = [new() { Type = "DisruptionTarget", Status = "True" }] };
        var pod = JobPod("a", exitCode: 1);
        pod = pod with { Status = pod.Status with { Conditions = [new() { Type = "DisruptionTarget", Status = "True" }] } };
        Assert.Equal(new PodFailureVerdict(false, "Ignore", null), PodFailureVerdict.Of(new() { Rules = [Rule("Later"), Rule("Ignore")] }, pod));
    }

    [Theory]
    [InlineData("0-2", null, "0,1,2", true)]
    [InlineData("0-2", null, "0,1", false)]
    [InlineData("0-2", 2, "1,2,4", true)]
    [InlineData("0-2", 2, "1,4,5", false)]
    [InlineData(null, 2, "1,4", true)]
    [InlineData(null, 2, "1", false)]
    [InlineData("x", null, "1", false)]
    public void A_success_policy_wants_indexes_or_a_number_of_them(string? indexes, int? count, string succeeded, bool met)
    {
        var policy = new SuccessPolicy { Rules = [new() { SucceededIndexes = indexes, SucceededCount = count }] };
        Assert.Equal(met ? "Matched rules at index 0" : null, JobSuccess.Match(policy, IndexSet.Parse(succeeded, 10), 10));
    }

    private static Pod Restarted(int count)
    {
        var pod = JobPod("a");
        return pod with { Status = pod.Status with { ContainerStatuses = [new() { Name = "c", RestartCount = count }] } };
    }
}
