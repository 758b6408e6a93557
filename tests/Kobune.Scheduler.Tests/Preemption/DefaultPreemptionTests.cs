using Kobune.Api.Core.V1;
using Kobune.Api.Policy.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Preemption;

namespace Kobune.Scheduler.Tests.Preemption;

/// <summary>Who is chosen to go, on nodes of 4 CPUs; the pods on them are written "name/node/cpu/priority".</summary>
public class DefaultPreemptionTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static readonly Case[] Cases =
    [
        new("the one that is in the way", "x/a/4/1", "a: x"),
        new("no more than must", "x/a/1/1 y/a/3/1", "a: y", Cpu: "3"),
        new("the least important of those that would do", "x/a/2/5 y/a/2/1", "a: y", Cpu: "2"),
        new("of equals the one that started last", "x1/a/2/1 y2/a/2/1", "a: y2", Cpu: "2"),
        new("the node whose victim is less important", "x/a/4/5 y/b/4/1", "b: y"),
        new("the smaller sum of priorities", "x/a/2/5 y/a/2/4 z/b/2/5 v/b/2/1", "b: z v"),
        new("fewer victims, though their priorities are negative", "x/a/2/-5 y/a/2/-5 z/b/4/-5", "b: z"),
        new("fewer victims of the same sum", "x/a/2/0 y/a/2/0 z/b/4/0", "b: z"),
        new("who started later", "x1/a/4/1 y2/b/4/1", "b: y2"),
        new("budgets are kept first", "x/a/4/1 y/b/4/5", "b: y", Protected: "x"),
        new("a protected pod stays when another will do", "x/a/2/1 y/a/2/5", "a: y", Cpu: "2", Protected: "x"),
        new("priority beats budgets when nothing else will do", "x/a/4/1 z/b/4/20", "a: x", Protected: "x"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Chosen(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var cluster = Cluster(c.Pods);
        cluster.View = cluster.View with { Budgets = new ListCache<PodDisruptionBudget>(Budget(c.Protected, 0)) };
        cluster.Cache.Update(cluster.Snapshot);
        var pod = new PodInfo(Objects.Pod("p", c.Cpu, priority: 10));
        var search = new VictimSearch(cluster.Framework, new(cluster.Nominator), cluster.View.Budgets.List(), StartOf);
        var state = new Kobune.Scheduler.Framework.CycleState();
        cluster.Framework.PreFilter(state, pod, out _, out _);
        var candidates = cluster.Snapshot.Nodes.Select(n => search.On(n, state, pod).Candidate).OfType<Candidate>().ToList();
        var best = PreemptionPlan.Pick(candidates, StartOf);
        Assert.Equal(c.Expected, $"{best.Node}: {string.Join(' ', best.Victims.Select(v => v.Pod.Metadata.Name))}");
        Assert.Equal(best.Node, cluster.Reject(pod.Pod).Result.NominatedNodeName);
    }

    [Theory]
    [InlineData("nobody is less important", "x/a/4/10 y/b/4/11", "2 No preemption victims found for incoming pod")]
    [InlineData("it would not help enough", "x/a/3/10 y/a/1/1 z/b/4/10", "1 Insufficient cpu, 1 No preemption victims found for incoming pod")]
    public void Nobody(string name, string pods, string reasons)
    {
        var (result, message) = Cluster(pods).Reject(Objects.Pod("p", "2", priority: 10));
        Assert.True(result is { NominatedNodeName: "", Work: null }, name);
        Assert.Equal($"0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: {reasons}.", message);
    }

    [Fact]
    public async Task A_pod_is_not_tried_while_room_is_made_for_it()
    {
        var cluster = Cluster("x/a/4/1 y/b/4/11");
        cluster.Cache.Update(cluster.Snapshot);
        var (framework, state, pod) = (cluster.Framework, new Kobune.Scheduler.Framework.CycleState(), new PodInfo(Objects.Pod("p", "4", priority: 10)));
        Assert.Null(framework.PreEnqueue(pod.Pod));
        Assert.Null(new SchedulingAlgorithm(framework, cluster.Snapshot, cluster.Nominator, 0, _ => 1).Schedule(state, pod, out var diagnosis));
        var work = framework.PostFilter(state, pod, diagnosis).Work!;
        Assert.Equal("waiting for the preemption for this pod to be finished", framework.PreEnqueue(pod.Pod)!.Message);
        Assert.Null(framework.PreEnqueue(Objects.Pod("other")));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work(new CancellationToken(canceled: true)));
        Assert.Null(framework.PreEnqueue(pod.Pod));
    }

    [Fact]
    public void Policy_Never_leaves_others_alone()
    {
        var (result, message) = Cluster("x/a/4/1 y/b/4/1").Reject(Objects.Pod("p", "2", priority: 10).With(s => s with { PreemptionPolicy = PreemptionPolicy.Never }));
        Assert.Null(result.NominatedNodeName);
        Assert.Equal("0/2 nodes are available: 2 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.", message);
    }

    [Fact]
    public void While_victims_end_no_more_are_sent_away()
    {
        var cluster = Cluster("y/b/4/1").Nodes("a");
        var going = Objects.Pod("x", "4", priority: 1, node: "a");
        cluster.Add(going with
        {
            Metadata = going.Metadata with { DeletionTimestamp = Start },
            Status = new() { Conditions = [new() { Type = "DisruptionTarget", Status = "True", Reason = "PreemptionByScheduler" }] },
        });
        var pod = Objects.Pod("p", "2", priority: 10);
        var nominated = pod with { Status = pod.Status with { NominatedNodeName = "a" } };
        var (result, message) = cluster.Reject(nominated);
        Assert.Null(result.NominatedNodeName);
        Assert.Equal("0/2 nodes are available: 2 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node.", message);

        cluster.Nominator.Set(new(pod), "a"); // also when the nomination is not written yet
        Assert.Equal(message, cluster.Reject(pod).Message);
        cluster.Cache.SetNode(Objects.Node("a", taints: Objects.Taint("k")));
        Assert.Equal("b", cluster.Reject(nominated).Result.NominatedNodeName); // it cannot go there any more
    }

    [Fact]
    public void Room_made_for_an_equal_is_not_counted_on()
    {
        var cluster = Cluster("y/a/4/1 x/b/4/1");
        cluster.Nominator.Set(new(Objects.Pod("q", "4", priority: 10)), "a");
        Assert.Equal("b", cluster.Reject(Objects.Pod("p", "4", priority: 10)).Result.NominatedNodeName);
        Assert.Equal("a", cluster.Reject(Objects.Pod("r", "4", priority: 11)).Result.NominatedNodeName);
    }

    [Fact]
    public void Pods_that_keep_it_away_are_victims_too()
    {
        var cluster = new TestCluster().Nodes("a:zone=1", "b");
        var shy = Objects.Pod("shy", "1", priority: 1, node: "a");
        cluster.Add(
            shy.With(s => s with { Affinity = new() { PodAntiAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [new() { TopologyKey = "zone", LabelSelector = new() { MatchLabels = Objects.Labels("app=p") } }] } } }),
            Objects.Pod("full", "4", priority: 20, node: "b"));
        var pod = Objects.Pod("p", "1", priority: 10);
        pod = pod with { Metadata = pod.Metadata with { Labels = Objects.Labels("app=p") } };
        var (result, message) = cluster.Reject(pod);
        Assert.Equal("a", result.NominatedNodeName);
        Assert.Equal("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy existing pods anti-affinity rules.", message);
    }

    [Fact]
    public void Pods_that_make_a_skew_are_victims_too()
    {
        var cluster = new TestCluster().Nodes("a:zone=1", "b:zone=2").Add(Labeled("x", 1, "a"), Labeled("y", 20, "a"), Labeled("z", 20, "b"), Objects.Pod("full", "4", priority: 20, node: "b"));
        var pod = Labeled("p", 10).With(s => s with
        {
            TopologySpreadConstraints = [new() { MaxSkew = 1, TopologyKey = "zone", WhenUnsatisfiable = "DoNotSchedule", LabelSelector = new() { MatchLabels = Objects.Labels("app=p") } }],
            Containers = [Objects.Container("1")],
        });
        Assert.Equal("a", cluster.Reject(pod).Result.NominatedNodeName);

        static Pod Labeled(string name, int priority, string node = "")
        {
            var pod = Objects.Pod(name, priority: priority, node: node);
            return pod with { Metadata = pod.Metadata with { Labels = Objects.Labels("app=p") } };
        }
    }

    [Theory]
    [InlineData(1, "1,2", "")]
    [InlineData(0, "2", "1")]
    [InlineData(-1, "", "1,2")]
    public void Budgets_give_away_so_many(int spare, string kept, string violating)
    {
        var pods = new[] { "1", "2" }.Select(Protected).ToList();
        var budget = Budget("all", 1 + spare);
        var found = PreemptionPlan.Violating(pods, [budget]);
        Assert.Equal(violating.Length == 0 ? 0 : violating.Split(',').Length, found.Count);
        Assert.Equal(kept.Length == 0 ? 0 : kept.Split(',').Length, pods.Count - found.Count);
    }

    [Fact]
    public void Budgets_of_other_namespaces_empty_ones_and_those_already_charged_do_not_count()
    {
        var budget = Budget("all", 0);
        Assert.Empty(PreemptionPlan.Violating([Protected("1")], [budget with { Metadata = budget.Metadata with { Namespace = "other" } }]));
        Assert.Empty(PreemptionPlan.Violating([Protected("1")], [budget with { Spec = new() { Selector = new() } }]));
        Assert.Empty(PreemptionPlan.Violating([Protected("1")], [budget with { Status = new() { DisruptedPods = new Dictionary<string, DateTimeOffset> { ["1"] = Start } } }]));
        Assert.Single(PreemptionPlan.Violating([Protected("1")], [budget]));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(100, 100)]
    [InlineData(500, 100)]
    [InlineData(5000, 500)]
    public void Enough_candidates(int nodes, int enough) => Assert.Equal(enough, PreemptionPlan.Enough(nodes, new()));

    private static PodInfo Protected(string name)
    {
        var pod = Objects.Pod(name);
        return new(pod with { Metadata = pod.Metadata with { Labels = Objects.Labels("name=all") } });
    }

    private static PodDisruptionBudget Budget(string name, int allowed) => new()
    {
        Metadata = new() { Namespace = "default", Name = "budget" },
        Spec = new() { Selector = new() { MatchLabels = Objects.Labels("name=" + name) } },
        Status = new() { DisruptionsAllowed = allowed },
    };

    /// <summary>The digits of a pod's name say when it started.</summary>
    private static DateTimeOffset StartOf(PodInfo pod) => pod.Pod.Status.StartTime!.Value;

    private static TestCluster Cluster(string pods)
    {
        var cluster = new TestCluster().Nodes("a", "b");
        foreach (var text in pods.Split(' '))
        {
            var parts = text.Split('/');
            var pod = Objects.Pod(parts[0], parts[2], priority: int.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture), node: parts[1]);
            cluster.Add(pod with
            {
                Metadata = pod.Metadata with { Labels = Objects.Labels("name=" + parts[0]) },
                Status = new() { StartTime = Start.AddDays(parts[0][^1] - '0') },
            });
        }

        return cluster.Fill(pods);
    }

    private sealed record Case(string Name, string Pods, string Expected, string Cpu = "4", string Protected = "nobody");
}
