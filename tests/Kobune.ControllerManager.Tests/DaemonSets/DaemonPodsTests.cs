using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.DaemonSets;
using static Kobune.ControllerManager.Tests.DaemonSets.Daemons;

namespace Kobune.ControllerManager.Tests.DaemonSets;

public class DaemonPodsTests
{
    [Fact]
    public void A_pod_is_bound_to_its_node_by_affinity_and_tolerates_what_befalls_nodes()
    {
        var set = Set();
        var pod = DaemonPods.Make(set with { Metadata = set.Metadata with { Annotations = new Dictionary<string, string> { ["deprecated.daemonset.template.generation"] = "7" } } }, "n1", "abc");
        var term = Assert.Single(pod.Spec.Affinity!.NodeAffinity!.RequiredDuringSchedulingIgnoredDuringExecution!.NodeSelectorTerms);
        var field = Assert.Single(term.MatchFields);
        Assert.Equal(("metadata.name", "In", "n1"), (field.Key, field.Operator, Assert.Single(field.Values)));
        Assert.Equal(("web-", "abc", "7", "n1"), (pod.Metadata.GenerateName, pod.Metadata.Labels["controller-revision-hash"], pod.Metadata.Labels["pod-template-generation"], DaemonPods.TargetNode(pod)));
        Assert.Equal(
            [
                "node.kubernetes.io/disk-pressure:NoSchedule", "node.kubernetes.io/memory-pressure:NoSchedule", "node.kubernetes.io/not-ready:NoExecute",
                "node.kubernetes.io/pid-pressure:NoSchedule", "node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unschedulable:NoSchedule",
            ],
            pod.Spec.Tolerations.Select(t => $"{t.Key}:{t.Effect}").Order(StringComparer.Ordinal));
        Assert.All(pod.Spec.Tolerations, t => Assert.Equal("Exists", t.Operator));
    }

    [Fact]
    public void A_pod_of_the_host_network_tolerates_a_network_that_is_not_there_and_own_tolerations_stay()
    {
        var own = new Toleration { Key = "node.kubernetes.io/not-ready", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 5 };
        var tolerations = DaemonPods.Tolerations(new PodSpec { HostNetwork = true, Tolerations = [own, new Toleration { Key = "mine", Operator = "Exists" }] });
        Assert.Equal(8, tolerations.Count);
        Assert.Null(Assert.Single(tolerations, t => t.Key == own.Key).TolerationSeconds);
        Assert.Contains(tolerations, t => t is { Key: "node.kubernetes.io/network-unavailable", Effect: "NoSchedule" });
    }

    [Fact]
    public void What_the_template_prefers_stays_and_what_it_requires_gives_way_to_the_node()
    {
        var required = new NodeSelector { NodeSelectorTerms = [new NodeSelectorTerm { MatchExpressions = [new NodeSelectorRequirement { Key = "disk", Operator = "Exists" }] }] };
        var affinity = new Affinity { NodeAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = required, PreferredDuringSchedulingIgnoredDuringExecution = [new() { Weight = 1 }] }, PodAffinity = new() };
        var made = DaemonPods.Make(With(s => s with { Affinity = affinity }), "n1", "h").Spec.Affinity!;
        Assert.Empty(Assert.Single(made.NodeAffinity!.RequiredDuringSchedulingIgnoredDuringExecution!.NodeSelectorTerms).MatchExpressions);
        Assert.Single(made.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution);
        Assert.NotNull(made.PodAffinity);
    }

    [Theory]
    [InlineData("7", "7", "h", "h", true)]
    [InlineData("7", "7", "h", "other", true)]
    [InlineData("7", "7", null, "h", true)]
    [InlineData("7", "7", null, "", true)]
    [InlineData("8", "7", "h", "h", true)]
    [InlineData("8", "7", "h", "other", false)]
    [InlineData("7", null, null, "", false)]
    [InlineData("7", null, null, "h", false)]
    [InlineData(null, "7", "h", "other", false)]
    [InlineData("x", "x", "h", "other", false)]
    public void A_pod_is_new_by_its_revision_or_by_the_generation_of_its_template(string? setGeneration, string? podGeneration, string? podHash, string hash, bool isNew)
    {
        var set = Set();
        set = set with { Metadata = set.Metadata with { Annotations = Map("deprecated.daemonset.template.generation", setGeneration) } };
        var labels = Map("pod-template-generation", podGeneration).Concat(Map("controller-revision-hash", podHash)).ToDictionary();
        Assert.Equal(isNew, DaemonPods.IsUpdated(set, new Pod { Metadata = new ObjectMeta { Labels = labels } }, hash));
    }

    [Fact]
    public void A_pod_without_a_node_by_name_is_for_none()
    {
        Assert.Null(DaemonPods.TargetNode(new Pod()));
        Assert.Equal("x", DaemonPods.TargetNode(new Pod { Spec = new PodSpec { NodeName = "x" } }));
    }

    [Fact]
    public void Nodes_are_chosen_by_selector_affinity_and_name()
    {
        var plain = Set();
        Assert.Equal((true, true), DaemonNodes.Decide(plain, Node("n1")));
        var selecting = With(s => s with { NodeSelector = new Dictionary<string, string> { ["color"] = "blue" } });
        Assert.Equal((true, true), DaemonNodes.Decide(selecting, Node("n1", "color=blue")));
        Assert.Equal((false, false), DaemonNodes.Decide(selecting, Node("n1", "color=green")));
        var named = With(s => s with { NodeName = "n1" });
        Assert.Equal((true, true), DaemonNodes.Decide(named, Node("n1")));
        Assert.Equal((false, false), DaemonNodes.Decide(named, Node("n2")));
        var required = new NodeSelector { NodeSelectorTerms = [new NodeSelectorTerm { MatchExpressions = [new NodeSelectorRequirement { Key = "color", Operator = "In", Values = ["blue", "green"] }] }] };
        var affine = With(s => s with { Affinity = new Affinity { NodeAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = required } } });
        Assert.Equal((true, true), DaemonNodes.Decide(affine, Node("n1", "color=green")));
        Assert.Equal((false, false), DaemonNodes.Decide(affine, Node("n1", "color=red")));
    }

    [Theory]
    [InlineData("example.com/k", "NoSchedule", false, true)]
    [InlineData("example.com/k", "NoExecute", false, false)]
    [InlineData("example.com/k", "PreferNoSchedule", true, true)]
    [InlineData("node.kubernetes.io/not-ready", "NoExecute", true, true)]
    [InlineData("node.kubernetes.io/unschedulable", "NoSchedule", true, true)]
    [InlineData("node.kubernetes.io/network-unavailable", "NoSchedule", false, true)]
    public void Taints_keep_new_pods_away_and_some_end_old_ones(string key, string effect, bool run, bool goOn) =>
        Assert.Equal((run, goOn), DaemonNodes.Decide(Set(), Node("n1", "", new Taint { Key = key, Effect = effect })));

    [Fact]
    public void Heartbeats_of_nodes_do_not_matter()
    {
        var node = Node("n1", "a=b");
        Assert.False(DaemonNodes.Matters(node, node with { Metadata = node.Metadata with { ResourceVersion = "9" }, Status = new NodeStatus { Conditions = [new NodeCondition { Type = "Ready" }] } }));
        Assert.True(DaemonNodes.Matters(node, Node("n1", "a=c")));
        Assert.True(DaemonNodes.Matters(node, Node("n1", "a=b", new Taint { Key = "k", Effect = "NoSchedule" })));
    }

    [Fact]
    public void Failed_pods_of_a_node_go_at_once_then_ever_more_slowly()
    {
        var (backoff, set, now) = (new FailedPodBackoff(), Set(), TestObjects.Now);
        Assert.True(backoff.TryDelete(set, "n1", now, out _));
        Assert.False(backoff.TryDelete(set, "n1", now.AddSeconds(0.4), out var wait));
        Assert.Equal(TimeSpan.FromSeconds(0.6), wait);
        Assert.True(backoff.TryDelete(set, "n2", now, out _)); // another node
        Assert.True(backoff.TryDelete(set, "n1", now.AddSeconds(1), out _));
        Assert.False(backoff.TryDelete(set, "n1", now.AddSeconds(2.9), out _));
        Assert.True(backoff.TryDelete(set, "n1", now.AddSeconds(3), out _));
        Assert.True(backoff.TryDelete(set with { Status = set.Status with { ObservedGeneration = 3 } }, "n1", now.AddSeconds(4), out _)); // another spec
    }

    [Fact]
    public void The_delay_ends_at_fifteen_minutes_and_is_forgotten_after_thirty()
    {
        var (backoff, set, now) = (new FailedPodBackoff(), Set(), TestObjects.Now);
        for (var i = 0; i < 20; i++)
        {
            Assert.True(backoff.TryDelete(set, "n1", now, out _));
            now += TimeSpan.FromMinutes(15);
        }

        now -= TimeSpan.FromMinutes(15);
        Assert.False(backoff.TryDelete(set, "n1", now.AddMinutes(14.9), out _));
        now = now.AddMinutes(31);
        Assert.True(backoff.TryDelete(set, "n1", now, out _));
        Assert.True(backoff.TryDelete(set, "n1", now.AddSeconds(1), out _));
        backoff.Forget(new("default", "web"));
        Assert.True(backoff.TryDelete(set, "n1", now.AddSeconds(1), out _));
    }

    private static Api.Apps.V1.DaemonSet With(Func<PodSpec, PodSpec> change)
    {
        var set = Set();
        return set with { Spec = set.Spec with { Template = new PodTemplateSpec { Metadata = new ObjectMeta { Labels = TestObjects.Web }, Spec = change(set.Spec.Template.Spec) } } };
    }

    private static Dictionary<string, string> Map(string key, string? value) => value is null ? [] : new() { [key] = value };
}
