using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Policy.V1;
using Kobune.Client.Controllers;
using Kobune.ControllerManager.Disruption;

namespace Kobune.ControllerManager.Tests;

public class DisruptionPlanTests
{
    private static readonly DateTimeOffset Now = TestObjects.Now;

    [Theory]
    [InlineData("a number that must be there", 2, null, 3, 3, 2)]
    [InlineData("more than there are", 5, null, 3, 3, 5)]
    [InlineData("half of them, rounded up", "50%", null, 3, 3, 2)]
    [InlineData("all of them", "100%", null, 3, 3, 3)]
    [InlineData("a number that may be missing", null, 1, 3, 3, 2)]
    [InlineData("more than all may be missing", null, 5, 3, 3, 0)]
    [InlineData("a tenth may be missing, rounded up", null, "10%", 11, 11, 9)]
    [InlineData("none may be missing", null, 0, 3, 3, 3)]
    [InlineData("neither was said", null, null, 3, 0, 0)]
    public void Expect(string name, object? minAvailable, object? maxUnavailable, int scale, int expected, int desired)
    {
        var spec = new PodDisruptionBudgetSpec { MinAvailable = Value(minAvailable), MaxUnavailable = Value(maxUnavailable) };
        Assert.True((expected, desired) == DisruptionBudgetPlan.Expect(spec, scale), name);
        Assert.Equal(maxUnavailable is not null || minAvailable is string, DisruptionBudgetPlan.NeedsScale(spec));
    }

    [Fact]
    public void A_percentage_that_is_none_is_an_error() =>
        Assert.Throws<TerminalException>(() => DisruptionBudgetPlan.Expect(new PodDisruptionBudgetSpec { MaxUnavailable = "many" }, 3));

    [Theory]
    [InlineData("one of three may go", "ready ready ready", 3, 2, 3, 1)]
    [InlineData("unready pods are not healthy", "ready ready unready", 3, 2, 2, 0)]
    [InlineData("pods that go are not healthy", "ready ready deleting", 3, 2, 2, 0)]
    [InlineData("too few", "ready", 3, 2, 1, 0)]
    [InlineData("none expected", "ready ready", 0, 0, 2, 0)]
    public void Compute(string name, string pods, int expected, int desired, int healthy, int allowed)
    {
        var plan = DisruptionBudgetPlan.Compute(Budget(), Pods(pods), expected, desired, Now);
        Assert.True((expected, desired, healthy, allowed, 7L) == (plan.Status.ExpectedPods, plan.Status.DesiredHealthy, plan.Status.CurrentHealthy, plan.Status.DisruptionsAllowed, plan.Status.ObservedGeneration), name);
        var condition = Assert.Single(plan.Status.Conditions);
        Assert.Equal(("DisruptionAllowed", allowed > 0 ? "True" : "False", allowed > 0 ? "SufficientPods" : "InsufficientPods", "", 7L), (condition.Type, condition.Status, condition.Reason, condition.Message, condition.ObservedGeneration));
        Assert.Null(plan.LookAgain);
    }

    [Fact]
    public void Pods_that_an_eviction_took_count_no_more_until_it_is_too_late_for_them()
    {
        var budget = Budget() with
        {
            Status = new() { DisruptedPods = new Dictionary<string, DateTimeOffset> { ["p0"] = Now.AddSeconds(-30), ["p1"] = Now.AddSeconds(-121), ["p2"] = Now, ["gone"] = Now } },
        };
        var plan = DisruptionBudgetPlan.Compute(budget, Pods("ready ready deleting ready"), 4, 1, Now);
        Assert.Equal((2, 1), (plan.Status.CurrentHealthy, plan.Status.DisruptionsAllowed));
        Assert.Equal(["p0"], plan.Status.DisruptedPods.Keys);
        Assert.Equal("p1", Assert.Single(plan.NotDeleted).Metadata.Name);
        Assert.Equal(90, plan.LookAgain!.Value.TotalSeconds, 0.01);
    }

    [Fact]
    public void Condition_keeps_its_time_and_others_stay()
    {
        var since = Now.AddHours(-1);
        var budget = Budget() with { Status = new() { Conditions = [new() { Type = "Mine", Status = "True" }, new() { Type = "DisruptionAllowed", Status = "False", Reason = "SyncFailed", Message = "oops", LastTransitionTime = since }] } };
        var plan = DisruptionBudgetPlan.Compute(budget, Pods("ready"), 1, 1, Now);
        Assert.Equal([("Mine", ""), ("DisruptionAllowed", "InsufficientPods")], plan.Status.Conditions.Select(c => (c.Type, c.Reason)));
        Assert.Equal(since, plan.Status.Conditions[1].LastTransitionTime);
        Assert.Equal(Now, DisruptionBudgetPlan.Compute(budget, Pods("ready"), 1, 0, Now).Status.Conditions[1].LastTransitionTime);
        Assert.Equal(plan.Status, DisruptionBudgetPlan.Compute(budget with { Status = plan.Status }, Pods("ready"), 1, 1, Now.AddDays(1)).Status);
    }

    [Fact]
    public void What_cannot_be_computed_allows_nothing_and_says_why()
    {
        var failed = DisruptionBudgetPlan.Failed(Budget() with { Status = new() { DisruptionsAllowed = 3, CurrentHealthy = 5, ObservedGeneration = 6 } }, "found no controllers for pod \"p\"", Now);
        Assert.Equal((0, 5), (failed.DisruptionsAllowed, failed.CurrentHealthy));
        var condition = Assert.Single(failed.Conditions);
        Assert.Equal(("False", "SyncFailed", "found no controllers for pod \"p\"", 6L), (condition.Status, condition.Reason, condition.Message, condition.ObservedGeneration));
    }

    [Theory]
    [InlineData("just said", "EvictionByEvictionAPI", 0, 120)]
    [InlineData("a minute ago", "PreemptionByScheduler", 60, 60)]
    [InlineData("long ago", "PreemptionByScheduler", 500, 0)]
    [InlineData("the kubelet takes its time", "TerminationByKubelet", 500, null)]
    public void Stale(string name, string reason, int ago, int? left)
    {
        var pod = Said(TestObjects.Pod("p"), reason, Now.AddSeconds(-ago));
        Assert.True(left == StaleDisruption.CleanAfter(pod, Now)?.TotalSeconds, name);
        Assert.Null(StaleDisruption.CleanAfter(pod.Deleting(), Now));
        Assert.Null(StaleDisruption.CleanAfter(Said(TestObjects.Pod("p", phase: PodPhase.Failed), reason, Now.AddSeconds(-ago)), Now));
        var clean = StaleDisruption.Clean(pod with { Metadata = pod.Metadata with { Generation = 3 } }, Now);
        Assert.Equal(3, clean.Status.Conditions[^1].ObservedGeneration);
        Assert.Null(StaleDisruption.CleanAfter(clean, Now));
        Assert.Equal([("Ready", "True", ""), ("DisruptionTarget", "False", "")], clean.Status.Conditions.Select(c => (c.Type, c.Status, c.Reason)));
    }

    [Fact]
    public void Selectors_are_printed_as_Go_does()
    {
        var selector = new LabelSelector { MatchLabels = TestObjects.Web, MatchExpressions = [new() { Key = "tier", Operator = "In", Values = ["a", "b"] }] };
        Assert.Equal("&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:tier,Operator:In,Values:[a b],},},}", SelectorText.Of(selector));
    }

    private static Pod Said(Pod pod, string reason, DateTimeOffset when) => pod with
    {
        Status = pod.Status with { Conditions = [.. pod.Status.Conditions, new() { Type = PodConditionType.DisruptionTarget, Status = "True", Reason = reason, LastTransitionTime = when }] },
    };

    private static IntOrString? Value(object? value) => value switch
    {
        int number => number,
        string text => text,
        _ => null,
    };

    private static PodDisruptionBudget Budget() => new() { Metadata = new ObjectMeta { Namespace = "default", Name = "b", Generation = 7 } };

    private static Pod[] Pods(string kinds) => [.. kinds.Split(' ').Select((kind, i) => kind == "deleting" ? TestObjects.Pod($"p{i}").Deleting() : TestObjects.Pod($"p{i}", ready: kind == "ready"))];
}
