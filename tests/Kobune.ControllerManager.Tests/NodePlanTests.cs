using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.NodeIpam;
using Kobune.ControllerManager.NodeLifecycle;
using Kobune.ControllerManager.PodGc;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests;

public class NodePlanTests
{
    [Fact]
    public void A_silent_node_is_unknown_in_all_its_conditions()
    {
        var status = NodeHealthPlan.Silent(Node("a", "True"), Now);
        Assert.All(status.Conditions, c => Assert.Equal("Unknown", c.Status));
        Assert.Equal(("NodeStatusUnknown", "Kubelet stopped posting node status."), (status.Conditions[0].Reason, status.Conditions[0].Message));
        Assert.Equal(["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"], status.Conditions.Select(c => c.Type));
        Assert.Equal("NodeStatusNeverUpdated", status.Conditions[1].Reason);
        var silent = Node("a", "True") with { Status = status };
        Assert.Same(status, NodeHealthPlan.Silent(silent, Now));
    }

    [Theory]
    [InlineData("True", false, true, "")]
    [InlineData("False", false, true, "not-ready:NoSchedule not-ready:NoExecute")]
    [InlineData("Unknown", false, true, "unreachable:NoSchedule unreachable:NoExecute")]
    [InlineData("Unknown", false, false, "unreachable:NoSchedule")]
    [InlineData("True", true, true, "unschedulable:NoSchedule")]
    public void Taints_follow_conditions(string ready, bool cordoned, bool mayEvict, string expected)
    {
        var node = Node("a", ready);
        node = node with { Spec = new NodeSpec { Unschedulable = cordoned, Taints = [new Taint { Key = "mine", Effect = TaintEffect.NoSchedule }, new Taint { Key = NodeTaintPlan.NotReady, Effect = TaintEffect.NoSchedule }] } };
        var taints = NodeTaintPlan.Compute(node, mayEvict, Now);
        Assert.Equal("mine", taints[0].Key);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), taints.Skip(1).Select(t => t.Key["node.kubernetes.io/".Length..] + ":" + t.Effect).Order());
        Assert.Same(taints, NodeTaintPlan.Compute(node with { Spec = node.Spec with { Taints = taints } }, mayEvict, Now));
    }

    [Fact]
    public void Nobody_is_driven_off_when_everything_is_down()
    {
        var (up, down) = (Node("a", "True"), Node("b", "Unknown"));
        Assert.True(DisruptionPlan.MayEvict(down, [up, down], new()));
        Assert.False(DisruptionPlan.MayEvict(down, [down], new()));
        Assert.False(DisruptionPlan.MayEvict(down, [up, down, Node("c", "False"), Node("d", "False")], new()));
        Assert.True(DisruptionPlan.MayEvict(down, [up, down, Node("c", "False"), Node("d", "False")], new() { UnhealthyZoneThreshold = 0.8 }));
        Assert.True(DisruptionPlan.MayEvict(down, [up, down, Node("c", "False"), Node("d", "False")], new() { LargeClusterSizeThreshold = 3 }));
    }

    [Fact]
    public void Eviction_follows_tolerations()
    {
        var node = Node("a", "Unknown") with { Spec = new NodeSpec { Taints = [new Taint { Key = NodeTaintPlan.Unreachable, Effect = TaintEffect.NoExecute, TimeAdded = Now }] } };
        Assert.Equal(Now, TaintEvictionPlan.EvictAt(Pod("p"), node));
        Assert.Equal(Now.AddSeconds(300), TaintEvictionPlan.EvictAt(Tolerating(300), node));
        Assert.Null(TaintEvictionPlan.EvictAt(Tolerating(null), node));
        Assert.Null(TaintEvictionPlan.EvictAt(Pod("p").Deleting(), node));
        Assert.Null(TaintEvictionPlan.EvictAt(Pod("p"), Node("a", "True")));
    }

    [Fact]
    public void Parts_of_a_range_are_given_in_turn()
    {
        var pool = new CidrPool("10.244.0.0/22", 24, new());
        Assert.True(pool.Occupy("10.244.1.0/24"));
        Assert.False(pool.Occupy("10.9.1.0/24"));
        Assert.Equal("10.244.0.0/24 10.244.2.0/24", pool.Take() + " " + pool.Take());
        pool.Release("10.244.0.0/24");
        Assert.Equal("10.244.3.0/24 10.244.0.0/24 ", pool.Take() + " " + pool.Take() + " " + pool.Take());
        Assert.Equal("fd00:10:244::/64", new CidrPool("fd00:10:244::/56", 64, new()).Take());
        Assert.Throws<ArgumentException>(() => new CidrPool("10.0.0.0/24", 16, new()));
    }

    [Fact]
    public void Pods_without_anyone_to_end_them_are_collected()
    {
        Pod[] pods =
        [
            Pod("lost", node: "gone"),
            Pod("recent", node: "away"),
            Pod("unscheduled", node: "").Deleting(),
            Pod("waiting", node: ""),
            Pod("stuck", node: "dead").Deleting(),
            Pod("fine", node: "a"),
        ];
        var dead = Node("dead", "Unknown") with { Spec = new NodeSpec { Taints = [new Taint { Key = PodGcPlan.OutOfService, Effect = TaintEffect.NoExecute }] } };
        var nodes = new Dictionary<string, Node> { ["a"] = Node("a", "True"), ["dead"] = dead };
        var plan = PodGcPlan.Compute(pods, nodes, n => TimeSpan.FromSeconds(n == "gone" ? 40 : 15), TimeSpan.FromSeconds(40), 0);
        Assert.Equal(["lost", "stuck", "unscheduled"], plan.Victims.Select(v => v.Pod.Metadata.Name).Order());
        Assert.Equal(TimeSpan.FromSeconds(25), plan.LookAgain);
    }

    [Fact]
    public void The_oldest_ended_pods_beyond_the_threshold_go_evicted_ones_first()
    {
        Pod[] pods =
        [
            Pod("old", phase: PodPhase.Failed, age: TimeSpan.FromHours(9)),
            Pod("young", phase: PodPhase.Succeeded, age: TimeSpan.FromHours(1)),
            Pod("evicted", phase: PodPhase.Failed, age: TimeSpan.FromMinutes(1)) with { Status = new PodStatus { Phase = PodPhase.Failed, Reason = "Evicted" } },
            Pod("running"),
        ];
        var nodes = new Dictionary<string, Node> { ["n1"] = Node("n1", "True") };
        Assert.Equal(["evicted", "old"], PodGcPlan.Compute(pods, nodes, _ => default, default, 1).Victims.Select(v => v.Pod.Metadata.Name));
    }

    private static Node Node(string name, string ready) => new()
    {
        Metadata = new ObjectMeta { Name = name, CreationTimestamp = Now.AddDays(-1) },
        Status = new NodeStatus { Conditions = [new NodeCondition { Type = "Ready", Status = ready }] },
    };

    private static Pod Tolerating(long? seconds) =>
        Pod("p") with { Spec = new PodSpec { Tolerations = [new Toleration { Key = NodeTaintPlan.Unreachable, Operator = "Exists", Effect = TaintEffect.NoExecute, TolerationSeconds = seconds }] } };
}
