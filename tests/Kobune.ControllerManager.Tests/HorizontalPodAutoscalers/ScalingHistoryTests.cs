using Kobune.Api.Autoscaling.V2;
using Kobune.ControllerManager.HorizontalPodAutoscalers;

namespace Kobune.ControllerManager.Tests.HorizontalPodAutoscalers;

public class ScalingHistoryTests
{
    private static readonly DateTimeOffset Now = TestObjects.Now;

    [Theory]
    [InlineData(1, 10, 4, "ScaleUpLimit", true)] // at most to 4
    [InlineData(3, 10, 6, "ScaleUpLimit", true)] // or to twice as many
    [InlineData(3, 30, 6, "ScaleUpLimit", true)]
    [InlineData(8, 30, 12, "TooManyReplicas", true)]
    [InlineData(4, 1, 2, "TooFewReplicas", true)]
    [InlineData(4, 5, 5, "DesiredWithinRange", false)]
    public void Without_behavior_it_grows_at_most_twofold(int current, int desired, int expected, string reason, bool isLimited)
    {
        var (replicas, _, limit, limited) = new ScalingHistory(TimeSpan.FromMinutes(5)).Normalize(new() { MinReplicas = 2, MaxReplicas = 12 }, current, desired, Now);
        Assert.Equal((expected, reason, isLimited), (replicas, limit.Reason, limited));
    }

    [Fact]
    public void Without_behavior_it_shrinks_to_the_highest_recommendation_of_five_minutes()
    {
        var (history, spec) = (new ScalingHistory(TimeSpan.FromMinutes(5)), new HorizontalPodAutoscalerSpec { MinReplicas = 1, MaxReplicas = 10 });
        Assert.Equal((8, "ReadyForNewScale"), Short(history.Normalize(spec, 8, 8, Now)));
        Assert.Equal((8, "ScaleDownStabilized"), Short(history.Normalize(spec, 8, 3, Now.AddMinutes(4))));
        Assert.Equal((3, "ReadyForNewScale"), Short(history.Normalize(spec, 8, 3, Now.AddMinutes(5))));
    }

    [Fact]
    public void What_was_there_before_the_first_look_holds_for_the_window_too()
    {
        var (history, spec) = (new ScalingHistory(TimeSpan.FromMinutes(5)), new HorizontalPodAutoscalerSpec { MinReplicas = 1, MaxReplicas = 10 });
        history.Begin(8, Now);
        Assert.Equal((8, "ScaleDownStabilized"), Short(history.Normalize(spec, 8, 2, Now)));
        history.Begin(8, Now.AddMinutes(4)); // only the first look begins
        Assert.Equal((2, "ReadyForNewScale"), Short(history.Normalize(spec, 8, 2, Now.AddMinutes(5))));
    }

    [Fact]
    public void Rates_count_what_was_done_in_their_period()
    {
        var up = new HPAScalingRules { StabilizationWindowSeconds = 0, SelectPolicy = "Max", Policies = [new() { Type = "Pods", Value = 4, PeriodSeconds = 60 }, new() { Type = "Percent", Value = 100, PeriodSeconds = 60 }] };
        var spec = new HorizontalPodAutoscalerSpec { MinReplicas = 1, MaxReplicas = 100, Behavior = new() { ScaleUp = up } };
        var history = new ScalingHistory(TimeSpan.FromMinutes(5));
        Assert.Equal((5, "ReadyForNewScale"), Short(history.Normalize(spec, 1, 50, Now)));
        history.Scaled(spec.Behavior, 1, 5, Now);
        Assert.Equal(5, history.Normalize(spec, 5, 50, Now.AddSeconds(15)).Replicas); // four are allowed a minute, or twice the one of a minute ago
        Assert.Equal(10, history.Normalize(spec, 5, 50, Now.AddSeconds(61)).Replicas);
    }

    [Theory]
    [InlineData("Max", 5)]
    [InlineData("Min", 8)]
    [InlineData("Disabled", 10)]
    public void Policies_are_chosen_by_how_much_they_change(string select, int expected)
    {
        var down = new HPAScalingRules { StabilizationWindowSeconds = 0, SelectPolicy = select, Policies = [new() { Type = "Pods", Value = 2, PeriodSeconds = 60 }, new() { Type = "Percent", Value = 50, PeriodSeconds = 60 }] };
        Assert.Equal(expected, new ScalingHistory(TimeSpan.FromMinutes(5)).Normalize(new() { MinReplicas = 1, MaxReplicas = 100, Behavior = new() { ScaleDown = down } }, 10, 1, Now).Replicas);
    }

    [Fact]
    public void Windows_hold_both_directions()
    {
        var behavior = new HorizontalPodAutoscalerBehavior
        {
            ScaleUp = new() { StabilizationWindowSeconds = 60, SelectPolicy = "Max", Policies = [new() { Type = "Pods", Value = 100, PeriodSeconds = 60 }] },
            ScaleDown = new() { StabilizationWindowSeconds = 120, SelectPolicy = "Max", Policies = [new() { Type = "Percent", Value = 100, PeriodSeconds = 60 }] },
        };
        var (history, spec) = (new ScalingHistory(TimeSpan.FromMinutes(5)), new HorizontalPodAutoscalerSpec { MinReplicas = 1, MaxReplicas = 100, Behavior = behavior });
        Assert.Equal((5, "ReadyForNewScale"), Short(history.Normalize(spec, 5, 5, Now)));
        Assert.Equal((5, "ScaleUpStabilized"), Short(history.Normalize(spec, 5, 9, Now.AddSeconds(30))));
        Assert.Equal((9, "ReadyForNewScale"), Short(history.Normalize(spec, 5, 9, Now.AddSeconds(61))));
        Assert.Equal((9, "ScaleDownStabilized"), Short(history.Normalize(spec, 9, 2, Now.AddSeconds(100))));
        Assert.Equal((2, "ReadyForNewScale"), Short(history.Normalize(spec, 9, 2, Now.AddSeconds(182))));
    }

    private static (int, string) Short((int Replicas, ScalingReason Able, ScalingReason Limit, bool IsLimited) answer) => (answer.Replicas, answer.Able.Reason);
}
