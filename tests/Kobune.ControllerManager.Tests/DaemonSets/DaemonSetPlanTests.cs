using Kobune.Api.Apps.V1;
using Kobune.ControllerManager.DaemonSets;
using static Kobune.ControllerManager.Tests.DaemonSets.Daemons;

namespace Kobune.ControllerManager.Tests.DaemonSets;

public class DaemonSetPlanTests
{
    private sealed record Case(string Name, DaemonSet Set, int Nodes, string Pods, string Manage = "", string Rollout = "", string Ended = "");

    private static readonly Case[] Cases =
    [
        new("a pod for each node", Set(), 2, "", Manage: "+n1 +n2"),
        new("what is missing", Set(), 3, "a2", Manage: "+n1 +n3"),
        new("nothing to do", Set(), 2, "a1 a2"),
        new("of duplicates the oldest stays", Set(), 1, "b1 a1 c1", Manage: "-b1 -c1"),
        new("of duplicates a bound one stays", Set(), 1, "a1w b1", Manage: "-a1"),
        new("duplicates that are going do not count", Set(), 1, "a1d b1"),
        new("a pod that is going is waited for", Set(), 1, "a1d"),
        new("with surge it is not", Set(maxSurge: 1), 1, "a1d", Manage: "+n1"),
        new("failed and succeeded pods go", Set(), 3, "a1f a2s a3", Manage: "-a1 -a2", Ended: "a1 a2"),
        new("a pod that has ended and is going makes room", Set(), 1, "a1fd", Manage: "+n1"),
        new("waiting pods for nodes that are gone go", Set(), 1, "a1 a2w a3", Manage: "-a2"),
        new("old pods go one by one", Set(), 3, "a1o a2o a3o", Rollout: "-a1"),
        new("not while one is missing", Set(), 3, "a1od a2o a3o"),
        new("not while a new one is not ready", Set(), 3, "a1u a2o a3o"),
        new("not while a new one is not available", Set(minReady: 10), 3, "a1r a2o a3o"),
        new("when the new one is available", Set(minReady: 10), 3, "a1 a2o a3o", Rollout: "-a2"),
        new("as many as may be unavailable", Set(maxUnavailable: 2), 4, "a1 a2o a3o a4o", Rollout: "-a2 -a3"),
        new("a percentage is rounded up", Set(maxUnavailable: "30%"), 4, "a1o a2o a3o a4o", Rollout: "-a1 -a2"),
        new("old ones that serve nobody go at once", Set(), 4, "a1ou a2ou a3o a4", Rollout: "-a1 -a2"),
        new("a set that allows neither is updated as one that allows one", Set(maxUnavailable: 0), 3, "a1o a2o a3o", Rollout: "-a1"),
        new("OnDelete leaves old ones", Set(onDelete: true), 2, "a1o a2o"),
        new("surge begins with a new one beside the old", Set(maxSurge: 1), 3, "a1o a2o a3o", Rollout: "+n1"),
        new("surge waits for the new one", Set(maxSurge: 1), 3, "a1o b1u a2o a3o"),
        new("surge waits until it is available", Set(maxSurge: 1, minReady: 10), 3, "a1o b1r a2o a3o"),
        new("then the old one goes", Set(maxSurge: 1), 3, "a1o b1 a2o a3o", Manage: "-a1", Rollout: "+n2 -a1"),
        new("an old one that serves nobody goes when a new one is there", Set(maxSurge: 1), 1, "a1ou b1u", Manage: "-a1"),
        new("and gets a new one at once, whatever surges", Set(maxSurge: 1), 3, "a1ou a2ou a3o", Rollout: "+n1 +n2 +n3"),
        new("surge as a percentage is rounded up", Set(maxSurge: "40%"), 3, "a1o a2o a3o", Rollout: "+n1 +n2"),
        new("with surge more than one of each sort are too many", Set(maxSurge: 1), 1, "a1o b1o c1u d1u", Manage: "-b1 -d1", Rollout: ""),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Compute(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var view = View(c.Set, c.Nodes, c.Pods);
        var plan = DaemonSetPlan.Compute(view, _ => true);
        Assert.Equal((c.Manage, c.Ended), (Text(plan), string.Join(' ', plan.Ended.Select(p => p.Metadata.Name))));
        if (plan.IsNothing || c.Rollout.Length > 0)
        {
            Assert.Equal(c.Rollout, Text(DaemonSetRollout.Compute(view)));
        }
    }

    [Fact]
    public void A_failed_pod_stays_while_its_node_backs_off()
    {
        var view = View(Set(), 2, "a1f a2f");
        Assert.Equal("-a2", Text(DaemonSetPlan.Compute(view, node => node == "n2")));
    }

    [Fact]
    public void A_step_has_a_limit()
    {
        var nodes = Enumerable.Range(1, 300).Select(n => Node("x" + n));
        Assert.Equal(250, DaemonSetPlan.Compute(DaemonSetView.Of(Set(), nodes, [], Hash, TestObjects.Now), _ => true).Create.Count);
    }

    [Fact]
    public void With_surge_a_pod_on_a_node_that_is_no_longer_meant_serves_until_enough_others_do()
    {
        var set = Set(maxSurge: 1);
        set = set with { Spec = set.Spec with { Template = set.Spec.Template with { Spec = set.Spec.Template.Spec with { Tolerations = [] } } } };
        var tainted = Node("n1", "", new Api.Core.V1.Taint { Key = "k", Effect = "NoSchedule" });
        Assert.Equal("", Rollout("a1o a2u"));
        Assert.Equal("-a1", Rollout("a1o a2"));
        Assert.Equal("-a1", Rollout("a1ou a2u"));

        string Rollout(string pods) => Text(DaemonSetRollout.Compute(DaemonSetView.Of(set, [tainted, Node("n2")], PodsOf(set, pods), Hash, TestObjects.Now)));
    }

    [Theory]
    [InlineData("", 2, 0, 0, 0, 0, 0)]
    [InlineData("a1 a2o", 2, 2, 0, 2, 1, 2)]
    [InlineData("a1u a2r", 2, 2, 0, 1, 2, 0)]
    [InlineData("a1o b1 a2", 2, 2, 0, 2, 1, 2)] // of several the oldest counts
    [InlineData("a3", 2, 0, 1, 0, 0, 0)]
    [InlineData("a1fd a2d", 2, 1, 0, 1, 1, 1)]
    public void Status_counts(string pods, int desired, int current, int misscheduled, int ready, int updated, int available)
    {
        var set = Set(minReady: 10) with { Status = new DaemonSetStatus { CollisionCount = 1, Conditions = [new DaemonSetCondition { Type = "StatusUpdate", Status = "True" }] } };
        var nodes = new[] { Node("n1"), Node("n2"), Node("n3", "", new Api.Core.V1.Taint { Key = "k", Effect = "NoSchedule" }) };
        var status = DaemonSetStatusPlan.Compute(DaemonSetView.Of(set, nodes, PodsOf(set, pods), Hash, TestObjects.Now));
        Assert.Equal(
            (desired, current, misscheduled, ready, updated, available, desired - available),
            (status.DesiredNumberScheduled, status.CurrentNumberScheduled, status.NumberMisscheduled, status.NumberReady, status.UpdatedNumberScheduled, status.NumberAvailable, status.NumberUnavailable));
        Assert.Equal((2L, 1, 1), (status.ObservedGeneration, status.CollisionCount, status.Conditions.Count));
    }
}
