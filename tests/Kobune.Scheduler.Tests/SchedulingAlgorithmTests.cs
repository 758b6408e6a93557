using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Plugins;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler.Tests;

public class SchedulingAlgorithmTests
{
    private readonly TestCluster _cluster = new();
    private readonly SchedulerCache _cache;
    private readonly Nominator _nominator;

    public SchedulingAlgorithmTests() => (_cache, _nominator) = (_cluster.Cache, _cluster.Nominator);

    [Fact]
    public void Least_used_node_wins()
    {
        Nodes("a", "b", "c");
        foreach (var (pod, node) in new[] { ("x", "a"), ("y", "c"), ("z", "c") })
        {
            _cache.SetPod(new PodInfo(Objects.Pod(pod, "1", "1Gi", node: node)));
        }

        Assert.Equal("b", Schedule(Objects.Pod("p", "1", "1Gi")));
    }

    [Fact]
    public void Assumed_pods_count_until_forgotten()
    {
        Nodes("a");
        var assumed = new PodInfo(Objects.Pod("x", "3"));
        _cache.Assume(assumed, "a");
        Assert.Null(Schedule(Objects.Pod("p", "2")));
        _cache.Forget(assumed.Uid);
        Assert.Equal("a", Schedule(Objects.Pod("p", "2")));
    }

    [Fact]
    public void Ties_go_to_every_node_in_turn()
    {
        Nodes("a", "b", "c");
        var seen = new HashSet<string?>();
        for (var i = 0; i < 100; i++)
        {
            seen.Add(Schedule(Objects.Pod("p"), new Random(i).Next));
        }

        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public void Sentence_counts_each_reason()
    {
        _cache.SetNode(Objects.Node("a", cpu: "1"));
        _cache.SetNode(Objects.Node("b", taints: Objects.Taint("node-role.kubernetes.io/control-plane")));
        Assert.Null(Schedule(Objects.Pod("p", "2"), out var diagnosis));
        Assert.Equal("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).", FitMessage.Of(diagnosis));
        Assert.Equal(["NodeResourcesFit", "TaintToleration"], diagnosis.UnschedulablePlugins.Order());
    }

    [Fact]
    public void Sentence_sorts_reasons_as_text()
    {
        for (var i = 0; i < 12; i++)
        {
            _cache.SetNode(Objects.Node($"n{i}", cpu: i < 10 ? "1" : "4", memory: i == 0 ? "1Mi" : "8Gi", labels: i == 11 ? "" : "a=b"));
        }

        var pod = Objects.Pod("p", "5", "1Gi").With(spec => spec with { NodeSelector = Objects.Labels("a=b") });
        Assert.Null(Schedule(pod, out var diagnosis));
        Assert.Equal("0/12 nodes are available: 1 Insufficient memory, 1 node(s) didn't match Pod's node affinity/selector, 11 Insufficient cpu.", FitMessage.Of(diagnosis));
    }

    [Fact]
    public void Pod_that_names_its_node_fails_with_the_others_counted()
    {
        Nodes("a", "b");
        _cache.SetNode(Objects.Node("full", cpu: "1"));
        var pod = Objects.Pod("p", "2").With(spec => spec with
        {
            Affinity = Objects.Requires(new NodeSelectorTerm { MatchFields = [Objects.Requirement("metadata.name", "In", "full")] }),
        });
        Assert.Null(Schedule(pod, out var diagnosis));
        Assert.Equal("0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].", FitMessage.Of(diagnosis));
        Assert.Equal("a", Schedule(pod.With(spec => spec with { Affinity = Objects.Requires(new NodeSelectorTerm { MatchFields = [Objects.Requirement("metadata.name", "In", "a")] }) })));
    }

    [Fact]
    public void Contradicting_names_fail_before_any_node()
    {
        Nodes("a", "b");
        var pod = Objects.Pod("p").With(spec => spec with
        {
            Affinity = Objects.Requires(new NodeSelectorTerm { MatchFields = [Objects.Requirement("metadata.name", "In", "a"), Objects.Requirement("metadata.name", "In", "b")] }),
        });
        Assert.Null(Schedule(pod, out var diagnosis));
        Assert.Equal("0/2 nodes are available: pod affinity terms conflict.", FitMessage.Of(diagnosis));
    }

    [Fact]
    public void Nominated_node_is_taken_first()
    {
        Nodes("a", "b");
        _cache.SetPod(new PodInfo(Objects.Pod("x", "2", node: "b")));
        var pod = Objects.Pod("p", "1");
        Assert.Equal("b", Schedule(pod with { Status = pod.Status with { NominatedNodeName = "b" } }));
    }

    [Fact]
    public void Room_made_for_a_more_important_pod_is_not_taken()
    {
        Nodes("a");
        _nominator.Set(new PodInfo(Objects.Pod("important", "3", priority: 10)), "a");
        Assert.Null(Schedule(Objects.Pod("p", "2")));
        Assert.Equal("a", Schedule(Objects.Pod("q", "2", priority: 11)));
    }

    [Fact]
    public void Removed_node_is_gone_and_a_changed_one_new()
    {
        Nodes("a", "b");
        Schedule(Objects.Pod("p"));
        _cache.RemoveNode("a");
        _cache.SetNode(Objects.Node("b", cpu: "1"));
        Assert.Null(Schedule(Objects.Pod("p", "2"), out var diagnosis));
        Assert.Equal("0/1 nodes are available: 1 Insufficient cpu.", FitMessage.Of(diagnosis));
        _cache.SetNode(Objects.Node("a"));
        Assert.Equal("a", Schedule(Objects.Pod("p", "2")));
    }

    [Theory]
    [InlineData(50, 0, 50)]
    [InlineData(100, 0, 100)]
    [InlineData(1000, 0, 420)]
    [InlineData(5000, 0, 500)]
    [InlineData(10000, 0, 500)]
    [InlineData(1000, 100, 1000)]
    [InlineData(1000, 5, 100)]
    public void Enough_nodes(int nodes, int percentage, int expected) => Assert.Equal(expected, SchedulingAlgorithm.EnoughNodes(nodes, percentage));

    private void Nodes(params string[] names)
    {
        foreach (var name in names)
        {
            _cache.SetNode(Objects.Node(name));
        }
    }

    private string? Schedule(Pod pod, Func<int, int>? random = null) => Schedule(pod, out _, random);

    private string? Schedule(Pod pod, out Diagnosis diagnosis, Func<int, int>? random = null)
    {
        _cache.Update(_cluster.Snapshot);
        return new SchedulingAlgorithm(_cluster.Framework, _cluster.Snapshot, _nominator, 0, random ?? (_ => 1)).Schedule(new CycleState(), new PodInfo(pod), out diagnosis);
    }
}
