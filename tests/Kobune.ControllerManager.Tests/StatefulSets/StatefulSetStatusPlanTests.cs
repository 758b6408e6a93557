using Kobune.Api.Apps.V1;
using Kobune.ControllerManager.StatefulSets;
using static Kobune.ControllerManager.Tests.StatefulSets.Stateful;

namespace Kobune.ControllerManager.Tests.StatefulSets;

public class StatefulSetStatusPlanTests
{
    [Theory]
    [InlineData("", 0, 0, 0, 0, 0, "web-old")]
    [InlineData("0o 1o 2o", 3, 3, 3, 3, 0, "web-old")]
    [InlineData("0o 1o 2", 3, 3, 3, 2, 1, "web-old")]
    [InlineData("0 1 2u", 3, 2, 2, 0, 3, "web-old")]
    [InlineData("0 1 2r", 3, 3, 2, 3, 3, "web-new")] // complete: the new revision is the current one
    [InlineData("0 1 2d", 3, 3, 3, 0, 2, "web-old")]
    [InlineData("0 1 2 3", 4, 4, 4, 0, 4, "web-old")] // one too many is not complete
    [InlineData("0p 1f", 2, 0, 0, 0, 2, "web-old")]
    public void Counts(string pods, int replicas, int ready, int available, int current, int updated, string currentRevision)
    {
        var status = StatefulSetStatusPlan.Compute(View(Set(3, minReady: 10), pods), [], 2);
        Assert.Equal(
            (replicas, ready, available, current, updated, currentRevision, "web-new"),
            (status.Replicas, status.ReadyReplicas, status.AvailableReplicas, status.CurrentReplicas, status.UpdatedReplicas, status.CurrentRevision, status.UpdateRevision));
        Assert.Equal((4L, 2), (status.ObservedGeneration, status.CollisionCount));
    }

    [Fact]
    public void Pods_that_go_for_an_update_are_current_no_more()
    {
        var view = View(Set(3), "0o 1o 2o");
        Assert.Equal(2, StatefulSetStatusPlan.Compute(view, [view.Pods[2]], 0).CurrentReplicas);
    }

    [Fact]
    public void With_OnDelete_and_with_a_partition_the_current_revision_stays()
    {
        Assert.Equal("web-old", StatefulSetStatusPlan.Compute(View(Set(3, onDelete: true), "0 1 2"), [], 0).CurrentRevision);
        Assert.Equal("web-old", StatefulSetStatusPlan.Compute(View(Set(3, partition: 1), "0o 1 2"), [], 0).CurrentRevision);
    }

    [Fact]
    public void Conditions_of_others_stay()
    {
        var set = Set(0) with { Status = new StatefulSetStatus { Conditions = [new StatefulSetCondition { Type = "StatusUpdate", Status = "True" }] } };
        Assert.Equal("StatusUpdate", Assert.Single(StatefulSetStatusPlan.Compute(View(set, ""), [], 0).Conditions).Type);
    }
}
