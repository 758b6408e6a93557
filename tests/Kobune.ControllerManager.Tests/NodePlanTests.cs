using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.NodeIpam;
using Kobune.ControllerManager.NodeLifecycle;
using Kobune.ControllerManager.PodGc;
using Kobune.ControllerManager.Pods;
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
    [InlineData("True", false, 2, "")]
    [InlineData("False", false, 2, "not-ready:NoSchedule not-ready:NoExecute")]
    [InlineData("Unknown", false, 2, "unreachable:NoSchedule unreachable:NoExecute")]
    [InlineData("Unknown", false, 1, "unreachable:NoSchedule")]
    [InlineData("Unknown", false, 0, "unreachable:NoSchedule")]
    [InlineData("True", true, 2, "unschedulable:NoSchedule")]
    public void Taints_follow_conditions(string ready, bool cordoned, int how, string expected)
    {
        var eviction = (Eviction)how;
        var node = Node("a", ready);
        node = node with { Spec = new NodeSpec { Unschedulable = cordoned, Taints = [new Taint { Key = "mine", Effect = TaintEffect.NoSchedule }, new Taint { Key = NodeTaintPlan.NotReady, Effect = TaintEffect.NoSchedule }] } };
        var taints = NodeTaintPlan.Compute(node, eviction, Now);
        Assert.Equal("mine", taints[0].Key);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), taints.Skip(1).Select(t => t.Key["node.kubernetes.io/".Length..] + ":" + t.Effect).Order());
        Assert.Same(taints, NodeTaintPlan.Compute(node with { Spec = node.Spec with { Taints = taints } }, eviction, Now));
    }

    [Fact]
    public void Nobody_is_driven_off_when_everything_is_down()
    {
        var (up, down) = (Node("a", "True"), Node("b", "Unknown"));
        Assert.Equal(0.1, DisruptionPlan.RateOf(down, [up, down], new()));
        Assert.Null(DisruptionPlan.RateOf(down, [down], new()));
        Assert.Equal(0, DisruptionPlan.RateOf(down, [up, down, Node("c", "False"), Node("d", "False")], new()));
        Assert.Equal(0.1, DisruptionPlan.RateOf(down, [up, down, Node("c", "False"), Node("d", "False")], new() { UnhealthyZoneThreshold = 0.8 }));
        Assert.Equal(0.01, DisruptionPlan.RateOf(down, [up, down, Node("c", "False"), Node("d", "False")], new() { LargeClusterSizeThreshold = 3 }));
    }

    [Theory]
    [InlineData("one of four is up", "up down down down", 0.0)]
    [InlineData("of three two are down", "up down down", 0.1)]
    [InlineData("a node that does not count makes the others all", "up/excluded down down down", null)]
    [InlineData("those that do not count are not too many", "up down down/excluded down/excluded", 0.1)]
    [InlineData("nor do they make the share smaller", "up down down down up/excluded up/excluded up/excluded", 0.0)]
    [InlineData("nobody counts", "down/excluded down/excluded", 0.1)]
    [InlineData("all of a zone are down, another is up", "down/old=z down/old=z down/old=z up/new=y", 0.1)]
    [InlineData("the old label of a zone is as good as the new one", "down/old=z down/new=z down/new=z up/old=z", 0.0)]
    [InlineData("and better when both are there", "down/new=z,old=y down/new=z down/new=z up/new=z", 0.1)]
    public void Nodes_count_in_their_zone(string name, string nodes, double? expected)
    {
        List<Node> all = [];
        foreach (var text in nodes.Split(' '))
        {
            var (state, labels) = (text.Split('/')[0], text.Split('/').ElementAtOrDefault(1) ?? "");
            all.Add(Node("n" + all.Count, state == "up" ? "True" : "Unknown"));
            all[^1] = all[^1] with
            {
                Metadata = all[^1].Metadata with
                {
                    Labels = labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')).ToDictionary(
                        l => l[0] switch { "old" => "failure-domain.beta.kubernetes.io/zone", "new" => "topology.kubernetes.io/zone", _ => "node.kubernetes.io/exclude-disruption" },
                        l => l.ElementAtOrDefault(1) ?? ""),
                },
            };
        }

        Assert.True(expected == DisruptionPlan.RateOf(all.Find(n => !NodeHealthPlan.IsReady(n))!, all, new()), name);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "unreachable")] // it has begun: the taint follows the condition at once
    [InlineData(2, "unreachable")]
    public void Pods_that_are_driven_off_already_stop_being_when_all_is_down(int how, string expected)
    {
        var node = Node("a", "Unknown") with { Spec = new NodeSpec { Taints = [new Taint { Key = NodeTaintPlan.NotReady, Effect = TaintEffect.NoExecute }] } };
        var taints = NodeTaintPlan.Compute(node, (Eviction)how, Now).Where(t => t.Effect == TaintEffect.NoExecute);
        Assert.Equal(expected, string.Join(' ', taints.Select(t => t.Key["node.kubernetes.io/".Length..])));
    }

    [Fact]
    public void Nodes_of_a_zone_are_driven_empty_one_after_the_other()
    {
        var pace = new EvictionPace();
        Assert.Equal(0, At("z", "a", 0));
        Assert.Equal(10, At("z", "b", 0));
        Assert.Equal(20, At("z", "c", 0));
        Assert.Equal(0, At("y", "d", 0)); // another zone
        Assert.Equal(5, At("z", "b", 5));
        pace.Forget("b");
        Assert.Equal(0, At("z", "c", 10));
        Assert.Equal(10, At("z", "b", 10));
        Assert.Equal(0, At("z", "b", 25));

        double At(string zone, string node, int seconds) => pace.Wait(zone, node, 0.1, Now.AddSeconds(seconds)).TotalSeconds;
    }

    [Theory]
    [InlineData("the first of two counts", "ever,300", null)]
    [InlineData("whichever it is", "300,ever", 300)]
    [InlineData("also when the second is shorter", "300,20", 300)]
    [InlineData("below 0 is at once", "-1", 0)]
    public void Of_tolerations_of_one_taint_the_first_counts(string name, string seconds, int? expected)
    {
        var node = Node("a", "Unknown") with { Spec = new NodeSpec { Taints = [new Taint { Key = NodeTaintPlan.Unreachable, Effect = TaintEffect.NoExecute, TimeAdded = Now }] } };
        var pod = Pod("p") with { Spec = new PodSpec { Tolerations = [.. seconds.Split(',').Select(s => Tolerating(s == "ever" ? null : long.Parse(s, System.Globalization.CultureInfo.InvariantCulture)).Spec.Tolerations[0])] } };
        Assert.True(TaintEvictionPlan.Compute(pod, node, null, Now).At == (expected is { } at ? Now.AddSeconds(at) : null), name);
    }

    [Theory]
    [InlineData("nothing to follow", "a=b", "a=b")]
    [InlineData("both are right", "kubernetes.io/os=linux,beta.kubernetes.io/os=linux", "kubernetes.io/os=linux,beta.kubernetes.io/os=linux")]
    [InlineData("another value", "kubernetes.io/os=linux,beta.kubernetes.io/os=windows", "kubernetes.io/os=linux,beta.kubernetes.io/os=linux")]
    [InlineData("missing", "kubernetes.io/os=linux,kubernetes.io/arch=arm64", "kubernetes.io/os=linux,kubernetes.io/arch=arm64,beta.kubernetes.io/os=linux,beta.kubernetes.io/arch=arm64")]
    [InlineData("the old one alone stays", "beta.kubernetes.io/os=linux", "beta.kubernetes.io/os=linux")]
    public void Old_labels_follow_the_new_ones(string name, string labels, string expected)
    {
        Dictionary<string, string> Of(string text) => text.Split(',').Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
        var have = Of(labels);
        var found = NodeLabelPlan.Compute(have);
        Assert.True(Of(expected).OrderBy(p => p.Key).SequenceEqual(found.OrderBy(p => p.Key)), name);
        Assert.Equal(labels == expected, ReferenceEquals(have, found));
    }

    [Theory]
    [InlineData("no taints", "", "", null, null, false)]
    [InlineData("no taints any more", "", "", 50, null, true)]
    [InlineData("no toleration", "a", "", null, 0, false)]
    [InlineData("no toleration any more", "a", "", 50, 0, true)]
    [InlineData("one of two taints is not tolerated", "a,b", "a:100", null, 0, false)]
    [InlineData("for some time, counted from now whenever the taint came", "a", "a:100", null, 100, false)]
    [InlineData("for ever", "a", "a:ever", null, null, false)]
    [InlineData("for ever now", "a", "a:ever", 50, null, true)]
    [InlineData("another taint", "a", "b:ever", null, 0, false)]
    [InlineData("the shortest of two", "a,b", "a:100,b:20", null, 20, false)]
    [InlineData("the only one that ends", "a,b", "a:ever,b:60", null, 60, false)]
    [InlineData("the one that ends is gone", "a", "a:ever,b:60", 50, null, true)]
    [InlineData("longer than it was", "a", "a:1000", 50, 50, false)]
    [InlineData("shorter than it was", "a", "a:1", 50, 50, false)]
    public void Eviction_follows_tolerations(string name, string taints, string tolerations, int? planned, int? expected, bool isCancelled)
    {
        Taint[] known = [.. taints.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => new Taint { Key = t, Effect = TaintEffect.NoExecute, TimeAdded = Now.AddMinutes(-9) })];
        Toleration[] tolerated = [.. tolerations.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split(':')).Select(t => new Toleration
        {
            Key = t[0],
            Operator = "Exists",
            TolerationSeconds = t[1] == "ever" ? null : long.Parse(t[1], System.Globalization.CultureInfo.InvariantCulture),
        })];
        var node = Node("a", "True") with { Spec = new NodeSpec { Taints = [.. known, new Taint { Key = "c", Effect = TaintEffect.NoSchedule }] } };
        var pod = Pod("p") with { Spec = new PodSpec { Tolerations = tolerated } };
        var plan = TaintEvictionPlan.Compute(pod, node, planned is { } p ? Now.AddSeconds(p) : null, Now);
        Assert.Equal((name, expected is { } at ? Now.AddSeconds(at) : null, isCancelled), (name, plan.At, plan.IsCancelled));
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

    [Theory]
    [InlineData("the same size", "10.0.1.0/24", true, "10.0.0.0/24 10.0.2.0/24 10.0.3.0/24")]
    [InlineData("smaller than a part", "10.0.1.128/26", true, "10.0.0.0/24 10.0.2.0/24 10.0.3.0/24")]
    [InlineData("larger than a part", "10.0.2.0/23", true, "10.0.0.0/24 10.0.1.0/24")]
    [InlineData("larger than all", "10.0.0.0/16", true, "")]
    [InlineData("elsewhere", "10.0.4.0/24", false, "10.0.0.0/24 10.0.1.0/24 10.0.2.0/24 10.0.3.0/24")]
    [InlineData("before it", "9.255.255.0/24", false, "10.0.0.0/24 10.0.1.0/24 10.0.2.0/24 10.0.3.0/24")]
    [InlineData("of the other family", "fd00::/64", false, "10.0.0.0/24 10.0.1.0/24 10.0.2.0/24 10.0.3.0/24")]
    public void A_range_takes_all_parts_that_it_touches(string name, string range, bool isTaken, string left)
    {
        var pool = new CidrPool("10.0.0.0/22", 24, new());
        Assert.Equal((name, isTaken), (name, pool.Occupy(range)));
        var free = new List<string>();
        while (pool.Take() is { } part)
        {
            free.Add(part);
        }

        Assert.Equal(left, string.Join(' ', free));
        pool.Release("10.0.0.0/22");
        Assert.Equal(4, Enumerable.Range(0, 5).Count(_ => pool.Take() is not null));
    }

    [Fact]
    public void A_round_over_nodes_ends_with_the_last_look_when_none_waits()
    {
        var (time, due, rounds) = (new ManualTime(), true, new List<double>());
        var looks = new NodeRounds(time, () => due, took => rounds.Add(took.TotalSeconds));
        looks.Begin();
        time.Advance(TimeSpan.FromSeconds(2));
        looks.Begin();
        looks.End();
        looks.End(); // another node waits
        Assert.Empty(rounds);
        looks.Begin();
        time.Advance(TimeSpan.FromSeconds(3));
        due = false;
        looks.End();
        looks.Begin();
        looks.End();
        Assert.Equal([5, 0], rounds);
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
        Assert.Equal(["lost"], plan.Victims.Where(v => v.Failed(Now).Condition(PodConditionType.DisruptionTarget) is { Reason: "DeletionByPodGC", Message: "PodGC: node no longer exists" }).Select(v => v.Pod.Metadata.Name));
        Assert.All(plan.Victims, v => Assert.Equal(("Failed", 4), (v.Failed(Now).Status.Phase, (v with { Pod = v.Pod with { Metadata = v.Pod.Metadata with { Generation = 4 } } }).Failed(Now).Status.ObservedGeneration)));
        var ended = Pod("ended", node: "gone", phase: PodPhase.Succeeded);
        Assert.Same(ended, new PodGcVictim(ended, "PodGC: node no longer exists", "orphaned").Failed(Now));
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
