using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Tests.Plugins;

/// <summary>Which changes make a rejected pod be tried again.</summary>
public class HintTests
{
    private const string Zone = "topology.kubernetes.io/zone";

    private static readonly Pod Wanting = Objects.Pod("p", "2", "1Gi");
    private static readonly Pod Tolerant = Objects.Pod("p").With(s => s with { Tolerations = [new() { Key = "k", Operator = "Exists" }] });
    private static readonly Pod CordonTolerant = Objects.Pod("p").With(s => s with { Tolerations = [new() { Key = Taints.Unschedulable, Operator = "Exists" }] });

    private static readonly Case[] Cases =
    [
        new("a new node that has room", "NodeResourcesFit", Wanting, Node(ActionType.Add, null, Objects.Node("n")), true),
        new("a new node that is too small", "NodeResourcesFit", Wanting, Node(ActionType.Add, null, Objects.Node("n", cpu: "1")), false),
        new("a node with more of what is wanted", "NodeResourcesFit", Wanting, Node(ActionType.UpdateNodeAllocatable, Objects.Node("n"), Objects.Node("n", cpu: "5")), true),
        new("a node with more, but not enough", "NodeResourcesFit", Wanting, Node(ActionType.UpdateNodeAllocatable, Objects.Node("n", cpu: "1"), Objects.Node("n", cpu: "1500m")), false),
        new("a node with less", "NodeResourcesFit", Wanting, Node(ActionType.UpdateNodeAllocatable, Objects.Node("n", cpu: "5"), Objects.Node("n")), false),
        new("a node with more of what is not wanted", "NodeResourcesFit", Objects.Pod("p", "2"), Node(ActionType.UpdateNodeAllocatable, Objects.Node("n"), Objects.Node("n", memory: "16Gi")), false),
        new("a node that takes more pods", "NodeResourcesFit", Objects.Pod("p"), Node(ActionType.UpdateNodeAllocatable, Objects.Node("n", pods: "1"), Objects.Node("n", pods: "2")), true),
        new("a pod that wants less CPU than before", "NodeResourcesFit", Wanting, Shrunk(Objects.Pod("x", "2", node: "n"), Objects.Pod("x", "1", node: "n")), true),
        new("a pod that wants less of what is not wanted", "NodeResourcesFit", Objects.Pod("p", "2"), Shrunk(Objects.Pod("x", "1", "2Gi", node: "n"), Objects.Pod("x", "1", "1Gi", node: "n")), false),
        new("a pod that went", "NodeResourcesFit", Wanting, new(EventResource.AssignedPod, ActionType.Delete, Objects.Pod("x", node: "n")), true),
        new("the pod itself wants less", "NodeResourcesFit", Wanting, new(EventResource.UnscheduledPod, ActionType.UpdatePodScaleDown, Objects.Pod("p", "3"), Wanting), true),

        new("a taint went", "TaintToleration", Objects.Pod("p"), Node(ActionType.UpdateNodeTaint, Objects.Node("n", taints: Objects.Taint("k")), Objects.Node("n")), true),
        new("a taint that was tolerated went", "TaintToleration", Tolerant, Node(ActionType.UpdateNodeTaint, Objects.Node("n", taints: Objects.Taint("k")), Objects.Node("n")), false),
        new("one of two taints went", "TaintToleration", Objects.Pod("p"), Node(ActionType.UpdateNodeTaint, Objects.Node("n", taints: [Objects.Taint("k"), Objects.Taint("l")]), Objects.Node("n", taints: Objects.Taint("l"))), false),
        new("a new node without taints", "TaintToleration", Objects.Pod("p"), Node(ActionType.Add, null, Objects.Node("n")), true),
        new("a new node with a taint", "TaintToleration", Objects.Pod("p"), Node(ActionType.Add, null, Objects.Node("n", taints: Objects.Taint("k"))), false),

        new("uncordoned", "NodeUnschedulable", Objects.Pod("p"), Node(ActionType.UpdateNodeTaint, Cordoned, Objects.Node("n")), true),
        new("a node that was never cordoned", "NodeUnschedulable", Objects.Pod("p"), Node(ActionType.UpdateNodeTaint, Objects.Node("n", taints: Objects.Taint("k")), Objects.Node("n")), false),
        new("cordoned now", "NodeUnschedulable", Objects.Pod("p"), Node(ActionType.UpdateNodeTaint, Objects.Node("n"), Cordoned), false),
        new("a new node", "NodeUnschedulable", Objects.Pod("p"), Node(ActionType.Add, null, Objects.Node("n")), true),
        new("a new node, cordoned", "NodeUnschedulable", Objects.Pod("p"), Node(ActionType.Add, null, Cordoned), false),
        new("the pod tolerates cordons now", "NodeUnschedulable", CordonTolerant, new(EventResource.UnscheduledPod, ActionType.UpdatePodToleration, Objects.Pod("p"), CordonTolerant), true),
        new("the pod tolerates something else now", "NodeUnschedulable", Tolerant, new(EventResource.UnscheduledPod, ActionType.UpdatePodToleration, Objects.Pod("p"), Tolerant), false),

        new("a node of another domain now", "PodTopologySpread", Spread(), Node(ActionType.UpdateNodeLabel, Objects.Node("n", labels: Zone + "=1"), Objects.Node("n", labels: Zone + "=2")), true),
        new("a node with another label, of the same domain", "PodTopologySpread", Spread(), Node(ActionType.UpdateNodeLabel, Objects.Node("n", labels: Zone + "=1"), Objects.Node("n", labels: Zone + "=1,x=y")), false),
        new("a toleration, where taints do not count", "PodTopologySpread", Spread(), new(EventResource.UnscheduledPod, ActionType.UpdatePodToleration, Spread(), Spread()), false),
        new("a toleration, where they do", "PodTopologySpread", Spread("Honor"), new(EventResource.UnscheduledPod, ActionType.UpdatePodToleration, Spread("Honor"), Spread("Honor")), true),
        new("a label of the pod that the constraint asks for", "PodTopologySpread", Spread(), new(EventResource.UnscheduledPod, ActionType.UpdatePodLabel, Labeled("app=b"), Labeled("app=a")), true),
        new("another label of the pod", "PodTopologySpread", Spread(), new(EventResource.UnscheduledPod, ActionType.UpdatePodLabel, Labeled("app=a"), Labeled("app=a,x=y")), false),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    private static Node Cordoned => Objects.Node("n") with { Spec = new() { Unschedulable = true } };

    [Theory, MemberData(nameof(Names))]
    public void Helps(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        Assert.Equal(c.Expected, new TestCluster().Helps(c.Plugin, c.Pod, c.Happened));
    }

    [Theory]
    [InlineData("both match now", "pool=x,disk=ssd", "", true)]
    [InlineData("only the pod's own", "disk=ssd", "", false)]
    [InlineData("both matched before", "pool=x,disk=ssd,a=b", "pool=x,disk=ssd", false)]
    [InlineData("the profile's was missing", "pool=x,disk=ssd", "disk=ssd", true)]
    public void Node_affinity_of_pod_and_profile(string name, string labels, string before, bool expected)
    {
        var cluster = new TestCluster { Profile = new() { AddedAffinity = Objects.Requires(Objects.Term(Objects.Requirement("pool", "Exists"))).NodeAffinity } };
        var pod = Objects.Pod("p").With(s => s with { NodeSelector = Objects.Labels("disk=ssd") });
        Assert.True(expected == cluster.Helps("NodeAffinity", pod, Node(ActionType.UpdateNodeLabel, Objects.Node("n", labels: before), Objects.Node("n", labels: labels))), name);
    }

    private static ClusterEvent Node(ActionType action, Node? old, Node now) => new(EventResource.Node, action, old, now);

    private static ClusterEvent Shrunk(Pod old, Pod now) => new(EventResource.AssignedPod, ActionType.UpdatePodScaleDown, old, now);

    private static Pod Labeled(string labels)
    {
        var pod = Spread();
        return pod with { Metadata = pod.Metadata with { Labels = Objects.Labels(labels) } };
    }

    private static Pod Spread(string? taints = null) => Objects.Pod("p").With(s => s with
    {
        TopologySpreadConstraints =
        [
            new() { TopologyKey = Zone, MaxSkew = 1, WhenUnsatisfiable = "DoNotSchedule", NodeTaintsPolicy = taints, LabelSelector = new() { MatchLabels = Objects.Labels("app=a") } },
        ],
    });

    private sealed record Case(string Name, string Plugin, Pod Pod, ClusterEvent Happened, bool Expected);
}
