using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Plugins;

namespace Kobune.Scheduler.Tests.Plugins;

public class ScoreTests
{
    [Fact]
    public void Less_allocated_is_better()
    {
        var score = new NodeResourcesFit(new(), null);
        Assert.Equal(87, Of(score, Objects.Pod("a", "1", "0"), Node("4", "8Gi"))); // CPU 75, memory 100
        Assert.Equal(50, Of(score, Objects.Pod("a", "1", "4Gi"), Node("4", "8Gi", Objects.Pod("x", "1", "0"))));
        Assert.Equal(0, Of(score, Objects.Pod("a", "5", "9Gi"), Node("4", "8Gi")));
    }

    [Theory]
    [InlineData("MostAllocated", "1", "2Gi", 25)]
    [InlineData("MostAllocated", "9", "0", 50)]
    [InlineData("RequestedToCapacityRatio", "1", "2Gi", 50)]
    [InlineData("RequestedToCapacityRatio", "3", "6Gi", 75)]
    [InlineData("RequestedToCapacityRatio", "2", "4Gi", 100)]
    public void Other_strategies(string type, string cpu, string memory, long expected)
    {
        var score = new NodeResourcesFit(new() { ScoringStrategy = new() { Type = type, Shape = [(0, 0), (50, 10), (100, 5)] } }, null);
        Assert.Equal(expected, Of(score, Objects.Pod("a", cpu, memory), Node("4", "8Gi")));
    }

    [Fact]
    public void Extended_resources_count_for_pods_that_ask_for_them()
    {
        var score = new NodeResourcesFit(new() { ScoringStrategy = new() { Type = "MostAllocated", Resources = [("cpu", 1), ("example.com/gpu", 3)] } }, null);
        var bare = Objects.Node("n");
        var node = new NodeInfo(bare with { Status = new() { Allocatable = new Dictionary<string, Kobune.Api.Quantity>(bare.Status.Allocatable) { ["example.com/gpu"] = new(4) } } });
        var pod = Objects.Pod("a", "1").With(s => s with { Overhead = new Dictionary<string, Kobune.Api.Quantity> { ["example.com/gpu"] = new(4) } });
        Assert.Equal((25 + (3 * 100)) / 4, score.Score(new CycleState(), new PodInfo(pod), node));
        Assert.Equal(25, score.Score(new CycleState(), new PodInfo(Objects.Pod("a", "1")), node));
    }

    [Fact]
    public void Affinity_of_the_profile_is_that_of_all_pods()
    {
        var cluster = new TestCluster { Profile = new() { AddedAffinity = Objects.Requires(Objects.Term(Objects.Requirement("pool", "Exists"))).NodeAffinity } }.Nodes("a:pool=x", "b");
        var reasons = cluster.Reasons(Objects.Pod("p"));
        Assert.Equal(("", "node(s) didn't match scheduler-enforced node affinity"), (reasons["a"], reasons["b"]));
    }

    [Fact]
    public void Balanced_use_is_better()
    {
        var score = new NodeResourcesBalancedAllocation(new(), null);
        Assert.Equal(100, Of(score, Objects.Pod("a", "2", "4Gi"), Node("4", "8Gi")));
        Assert.Equal(75, Of(score, Objects.Pod("a", "2", "0"), Node("4", "8Gi")));
    }

    [Theory]
    [InlineData("three shares: deviation from their mean", "cpu,memory,example.com/gpu", "4", "8Gi", 4, "1", "4Gi", 4, 68)]
    [InlineData("what the node has not is left out", "cpu,memory,example.com/gpu", "4", "8Gi", 0, "1", "4Gi", 0, 87)]
    [InlineData("what the pod asks nothing of is left out", "cpu,memory,example.com/gpu", "4", "8Gi", 4, "1", "4Gi", 0, 87)]
    [InlineData("one share alone is balanced", "cpu,example.com/gpu", "4", "8Gi", 4, "1", "4Gi", 0, 100)]
    [InlineData("a node without anything", "cpu,memory", "0", "0", 0, "1", "4Gi", 0, 100)]
    [InlineData("more than all is all", "cpu,memory", "4", "8Gi", 0, "9", "4Gi", 0, 75)]
    public void Balance_of_chosen_resources(string name, string resources, string cpu, string memory, int gpus, string askedCpu, string askedMemory, int askedGpus, long expected)
    {
        var score = new NodeResourcesBalancedAllocation(new() { BalancedResources = resources.Split(',') }, null);
        var bare = Objects.Node("n", cpu, memory);
        var node = new NodeInfo(bare with { Status = new() { Allocatable = new Dictionary<string, Kobune.Api.Quantity>(bare.Status.Allocatable) { ["example.com/gpu"] = new(gpus) } } });
        var pod = Objects.Pod("a", askedCpu, askedMemory).With(s => s with { Overhead = new Dictionary<string, Kobune.Api.Quantity> { ["example.com/gpu"] = new(askedGpus) } });
        Assert.True(expected == Of(score, pod, node), $"{name}: {Of(score, pod, node)}");
    }

    [Theory]
    [InlineData("cpu,memory", false)]
    [InlineData("cpu,example.com/gpu", true)]
    public void Balance_is_not_asked_for_pods_that_ask_for_none_of_it(string resources, bool scored)
    {
        var score = new NodeResourcesBalancedAllocation(new() { BalancedResources = resources.Split(',') }, null);
        var pod = Objects.Pod("a").With(s => s with { Overhead = new Dictionary<string, Kobune.Api.Quantity> { ["example.com/gpu"] = new(1) } });
        Assert.Equal(scored, score.PreScore(new CycleState(), new PodInfo(pod), []) is null);
    }

    [Fact]
    public void A_resource_that_the_node_has_not_does_not_rate_it()
    {
        // The line falls: nothing in use is best. What the node lacks altogether counts neither as empty nor as full.
        var score = new NodeResourcesFit(new() { ScoringStrategy = new() { Type = "RequestedToCapacityRatio", Resources = [("cpu", 1), ("example.com/gpu", 3)], Shape = [(0, 10), (100, 4)] } }, null);
        var pod = Objects.Pod("a", "2").With(s => s with { Overhead = new Dictionary<string, Kobune.Api.Quantity> { ["example.com/gpu"] = new(1) } });
        Assert.Equal(70, Of(score, pod, Node("4", "8Gi")));
    }

    [Fact]
    public void Fewer_unwanted_preferences_are_better()
    {
        var score = new TaintToleration();
        var pod = new PodInfo(Objects.Pod("a").With(spec => spec with { Tolerations = [new() { Key = "a", Operator = "Exists" }] }));
        var state = new CycleState();
        var nodes = new[] { "a", "a,b", "b,c", "" }
            .Select(keys => new NodeInfo(Objects.Node("n", taints: [.. keys.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(key => Objects.Taint(key, TaintEffect.PreferNoSchedule))])))
            .ToList();
        Assert.Null(score.PreScore(state, pod, nodes));
        long[] scores = [.. nodes.Select(node => score.Score(state, pod, node))];
        score.NormalizeScore(scores);
        Assert.Equal([100, 50, 0, 100], scores);
    }

    [Fact]
    public void Preferred_affinity_counts_by_weight()
    {
        var score = new Kobune.Scheduler.Plugins.NodeAffinity();
        var pod = new PodInfo(Objects.Pod("a").With(spec => spec with
        {
            Affinity = new()
            {
                NodeAffinity = new()
                {
                    PreferredDuringSchedulingIgnoredDuringExecution =
                    [
                        new() { Weight = 10, Preference = Objects.Term(Objects.Requirement("disk", "In", "ssd")) },
                        new() { Weight = 30, Preference = Objects.Term(Objects.Requirement("zone", "Exists")) },
                    ],
                },
            },
        }));
        long[] scores = [.. new[] { "disk=ssd", "zone=a", "disk=ssd,zone=a", "" }.Select(labels => score.Score(new CycleState(), pod, new NodeInfo(Objects.Node("n", labels: labels))))];
        score.NormalizeScore(scores);
        Assert.Equal([25, 75, 100, 0], scores);
        Assert.Equal(StatusCode.Skip, score.PreScore(new CycleState(), new PodInfo(Objects.Pod("b")), [])!.Code);
    }

    [Fact]
    public void Node_with_the_image_is_better()
    {
        var images = new ContainerImage { Names = ["app:latest"], SizeBytes = 500L << 20 };
        var with = Objects.Node("with") with { Status = Objects.Node("with").Status with { Images = [images] } };
        var cache = new SchedulerCache();
        cache.SetNode(with);
        cache.SetNode(Objects.Node("without"));
        var snapshot = new Snapshot();
        cache.Update(snapshot);
        var score = new ImageLocality(snapshot);
        var pod = new PodInfo(Objects.Pod("a").With(spec => spec with { Containers = [Objects.Container(image: "app")] }));
        var state = new CycleState();
        Assert.Null(score.PreScore(state, pod, snapshot.Nodes));
        Assert.Equal(100 * (250 - 23) / (1000 - 23), score.Score(state, pod, snapshot.Find("with")!)); // half of the nodes have it
        Assert.Equal(0, score.Score(state, pod, snapshot.Find("without")!));
    }

    [Theory]
    [InlineData("app", "app:latest")]
    [InlineData("app:1", "app:1")]
    [InlineData("host:5000/app", "host:5000/app:latest")]
    [InlineData("app@sha256:aa", "app@sha256:aa")]
    public void Image_names_are_whole(string image, string expected) => Assert.Equal(expected, ImageLocality.Normalize(image));

    private static NodeInfo Node(string cpu, string memory, params Pod[] pods)
    {
        var node = new NodeInfo(Objects.Node("n", cpu, memory));
        foreach (var pod in pods)
        {
            node.AddPod(new PodInfo(pod));
        }

        return node;
    }

    private static long Of(IScorePlugin plugin, Pod pod, NodeInfo node) => plugin.Score(new CycleState(), new PodInfo(pod), node);
}
