using Kobune.Api.Core.V1;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Tests.InterPod;

public class InterPodAffinityTests
{
    private const string Plugin = "InterPodAffinity";
    private const string Affinity = "node(s) didn't match pod affinity rules";
    private const string AntiAffinity = "node(s) didn't match pod anti-affinity rules";
    private const string Existing = "node(s) didn't satisfy existing pods anti-affinity rules";

    [Theory]
    [InlineData("team=a", "team=b", "other", true)] // comes into what is selected
    [InlineData("team=b", "team=a", "other", true)]
    [InlineData("team=a", "team=c", "other", false)]
    [InlineData(null, "team=b", "other", true)]
    [InlineData(null, "team=a", "other", false)]
    [InlineData("x=1", "x=2", "default", true)] // terms of other pods may select the pod's own
    public void Labels_of_a_namespace_wake_pods_whose_terms_select_by_them(string? before, string now, string name, bool helps)
    {
        var term = Term("app=web") with { NamespaceSelector = new() { MatchLabels = Objects.Labels("team=b") } };
        var pod = Objects.Pod("p").With(s => s with { Affinity = new() { PodAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [term] } } });
        Namespace Labelled(string labels) => new() { Metadata = new() { Name = name, Labels = Objects.Labels(labels) } };
        var happened = new ClusterEvent(EventResource.Namespace, before is null ? ActionType.Add : ActionType.UpdateStorage, before is null ? null : Labelled(before), Labelled(now));
        Assert.Equal(helps, new TestCluster().Helps(Plugin, pod, happened));
    }

    /// <summary>Nodes a and b are in zone 1, c is in zone 2, d in none. The other pod has app=web,rev=1 and is on a.</summary>
    private static readonly Case[] Cases =
    [
        new("no rules", new(), Fits: "a,b,c,d"),
        new("with it in its zone", new() { With = [Term("app=web")] }, Fits: "a,b", Why: Affinity),
        new("with it on its host", new() { With = [Term("app=web", "host")] }, Fits: "a", Why: Affinity),
        new("with nobody there is", new() { With = [Term("app=db")] }, Fits: "", Why: Affinity),
        new("the first of its group goes anywhere that has the key", new() { Labels = "app=db", With = [Term("app=db")] }, Fits: "a,b,c", Why: Affinity),
        new("not the first when others of the group are elsewhere", new() { Labels = "app=web", With = [Term("app=web")] }, Fits: "a,b", Why: Affinity),
        new("of two terms both must hold", new() { With = [Term("app=web"), Term("app=web", "host")] }, Fits: "a", Why: Affinity),
        new("one pod must match all terms", new() { With = [Term("app=web"), Term("app=db")] }, Fits: "", Why: Affinity),
        new("not in its zone", new() { Without = [Term("app=web")] }, Fits: "c,d", Why: AntiAffinity),
        new("not on its host", new() { Without = [Term("app=web", "host")] }, Fits: "b,c,d", Why: AntiAffinity),
        new("any of two terms rejects", new() { Without = [Term("app=db"), Term("rev=1")] }, Fits: "c,d", Why: AntiAffinity),
        new("it does not want us", new() { Labels = "app=new" }, Fits: "c,d", Why: Existing, OtherWithout: [Term("app=new")]),
        new("it does not mean us", new() { Labels = "app=old" }, Fits: "a,b,c,d", OtherWithout: [Term("app=new")]),
        new("another namespace", new() { Namespace = "y", With = [Term("app=web")] }, Fits: "", Why: Affinity),
        new("its namespace by name", new() { Namespace = "y", With = [Term("app=web") with { Namespaces = ["x"] }] }, Fits: "a,b", Why: Affinity),
        new("its namespace by labels", new() { Namespace = "y", With = [Term("app=web") with { NamespaceSelector = Selector("team=red") }] }, Fits: "a,b", Why: Affinity),
        new("not the other team's", new() { Namespace = "y", With = [Term("app=web") with { NamespaceSelector = Selector("team=blue") }] }, Fits: "", Why: Affinity),
        new("all namespaces", new() { Namespace = "y", With = [Term("app=web") with { NamespaceSelector = new() }] }, Fits: "a,b", Why: Affinity),
        new("it does not want the blue team", new() { Namespace = "y", Labels = "app=new" }, Fits: "c,d", Why: Existing, OtherWithout: [Term("app=new") with { NamespaceSelector = Selector("team=blue") }]),
        new("it does not mind us of another namespace", new() { Namespace = "y", Labels = "app=new" }, Fits: "a,b,c,d", OtherWithout: [Term("app=new")]),
        new("same revision", new() { Labels = "rev=1", With = [Term("app=web") with { MatchLabelKeys = ["rev"] }] }, Fits: "a,b", Why: Affinity),
        new("another revision", new() { Labels = "rev=2", With = [Term("app=web") with { MatchLabelKeys = ["rev"] }] }, Fits: "", Why: Affinity),
        new("a key that the server has merged is not taken again", new() { Labels = "rev=2", With = [Term("app=web,rev=1") with { MatchLabelKeys = ["rev"] }] }, Fits: "a,b", Why: Affinity),
        new("a key that we have not is left out", new() { With = [Term("app=web") with { MatchLabelKeys = ["rev"] }] }, Fits: "a,b", Why: Affinity),
        new("not with other revisions", new() { Labels = "rev=2", Without = [Term("app=web") with { MismatchLabelKeys = ["rev"] }] }, Fits: "c,d", Why: AntiAffinity),
        new("with its own revision", new() { Labels = "rev=1", Without = [Term("app=web") with { MismatchLabelKeys = ["rev"] }] }, Fits: "a,b,c,d"),
        new("no selector means nobody", new() { Without = [Term("app=web") with { LabelSelector = null }] }, Fits: "a,b,c,d"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Filter(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var cluster = Cluster(new Spec { Name = "other", Labels = "app=web,rev=1", Node = "a", Without = c.OtherWithout ?? [] });
        Assert.Equal(c.Fits, cluster.Fitting(c.Pod.Build()));
        Assert.All(cluster.Reasons(c.Pod.Build()).Values.Where(r => r.Length > 0), reason => Assert.Equal(c.Why, reason));
    }

    [Fact]
    public void Only_a_broken_affinity_cannot_be_helped_by_removing_pods()
    {
        var cluster = Cluster(new Spec { Name = "other", Labels = "app=web", Node = "a" });
        Assert.Equal("0/4 nodes are available: 4 node(s) didn't match pod affinity rules. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.", cluster.Reject(new Spec { With = [Term("app=db")] }.Build()).Message);
    }

    [Fact]
    public void Pods_without_rules_are_not_asked_about_while_nobody_has_any()
    {
        var cluster = Cluster(new Spec { Name = "other", Labels = "app=web", Node = "a" });
        var (framework, state) = (cluster.Framework, new CycleState());
        cluster.Cache.Update(cluster.Snapshot);
        Assert.False(cluster.Snapshot.HasAffinity);
        framework.PreFilter(state, new(new Spec().Build()), out _, out _);
        Assert.DoesNotContain(state.Filters!, f => f.Plugin.Name == Plugin);
        Assert.Null(cluster.Scores(Plugin, new Spec().Build()));
    }

    [Fact]
    public void Snapshot_knows_nodes_with_rules_until_their_last_such_pod_goes()
    {
        var cluster = Cluster(new Spec { Name = "other", Labels = "app=web", Node = "a", Without = [Term("app=web")] });
        Assert.Equal("c,d", cluster.Fitting(new Spec { Labels = "app=web" }.Build()));
        Assert.Equal(["a"], cluster.Snapshot.NodesWithAffinity.Select(n => n.Name));
        cluster.Cache.RemovePod("uid-other");
        Assert.Equal("a,b,c,d", cluster.Fitting(new Spec { Labels = "app=web" }.Build()));
        Assert.False(cluster.Snapshot.HasAffinity);
    }

    [Fact]
    public void Wishes_of_both_sides_add_up_by_weight()
    {
        var likes = new Spec { Name = "likes", Labels = "app=web", Node = "c", Prefers = [(Term("app=new"), 30)] };
        var dislikes = new Spec { Name = "dislikes", Labels = "app=db", Node = "a", Avoids = [(Term("app=new"), 30)] };
        var cluster = Cluster(likes, dislikes);
        Assert.Equal([0, 0, 100, 50], cluster.Scores(Plugin, new Spec { Labels = "app=new" }.Build())!);
        Assert.Equal([100, 100, 0, 25], cluster.Scores(Plugin, new Spec { Labels = "app=new", Prefers = [(Term("app=db"), 90)], Avoids = [(Term("app=web"), 50)] }.Build())!);
        Assert.Null(cluster.Scores(Plugin, new Spec { Labels = "app=else" }.Build()));
        cluster.Profile = new() { IgnorePreferredTermsOfExistingPods = true };
        Assert.Null(cluster.Scores(Plugin, new Spec { Labels = "app=new" }.Build()));
    }

    [Fact]
    public void Required_affinity_of_others_is_a_wish_of_weight_one()
    {
        var cluster = Cluster(new Spec { Name = "p", Labels = "app=web", Node = "c", With = [Term("app=new")] }, new Spec { Name = "q", Node = "a", Prefers = [(Term("app=new"), 2)] });
        Assert.Equal([100, 100, 50, 0], cluster.Scores(Plugin, new Spec { Labels = "app=new" }.Build())!);
        cluster.Profile = new() { HardPodAffinityWeight = 4 };
        Assert.Equal([50, 50, 100, 0], cluster.Scores(Plugin, new Spec { Labels = "app=new" }.Build())!);
    }

    [Theory]
    [InlineData("a wanted pod comes", "with", "", "app=web", true)]
    [InlineData("another pod comes", "with", "", "app=db", false)]
    [InlineData("a pod becomes a wanted one", "with", "app=db", "app=web", true)]
    [InlineData("a wanted pod goes", "with", "app=web", "", false)]
    [InlineData("an unwanted pod goes", "without", "app=web", "", true)]
    [InlineData("another goes", "without", "app=db", "", false)]
    [InlineData("an unwanted pod changes", "without", "app=web", "app=db", true)]
    [InlineData("an unwanted pod comes", "without", "", "app=web", false)]
    [InlineData("one that does not want us goes", "none", "app=shy", "", true)]
    public void Pods_that_help(string name, string rule, string before, string after, bool helps)
    {
        var pod = new Spec { Labels = "app=new", With = rule == "with" ? [Term("app=web")] : [], Without = rule == "without" ? [Term("app=web")] : [] }.Build();
        var (old, now) = (Other(before), Other(after));
        var action = old is null ? ActionType.Add : now is null ? ActionType.Delete : ActionType.UpdatePodLabel;
        Assert.True(helps == Cluster().Helps(Plugin, pod, new(EventResource.AssignedPod, action, old, now)), name);

        static Pod? Other(string labels) => labels.Length == 0 ? null : new Spec { Name = "other", Labels = labels, Node = "a", Without = labels == "app=shy" ? [Term("app=new")] : [] }.Build();
    }

    [Fact]
    public void Nodes_and_own_labels_help()
    {
        var pod = new Spec { With = [Term("app=web")] }.Build();
        Assert.True(Cluster().Helps(Plugin, pod, new(EventResource.Node, ActionType.Add, New: Objects.Node("n"))));
        Assert.True(Cluster().Helps(Plugin, pod, new(EventResource.UnscheduledPod, ActionType.UpdatePodLabel, pod, pod)));
        Assert.False(Cluster().Helps(Plugin, pod, new(EventResource.Node, ActionType.UpdateNodeAllocatable, Objects.Node("n"), Objects.Node("n"))));
    }

    internal static PodAffinityTerm Term(string labels, string key = "zone") => new() { LabelSelector = Selector(labels), TopologyKey = key };

    private static Kobune.Api.Meta.V1.LabelSelector Selector(string labels) => new() { MatchLabels = Objects.Labels(labels) };

    private static TestCluster Cluster(params Spec[] others)
    {
        var cluster = new TestCluster().Nodes("a:zone=1,host=a", "b:zone=1,host=b", "c:zone=2,host=c", "d:host=d").Add([.. others.Select(o => o.Build())]);
        cluster.View = cluster.View with
        {
            Namespaces = new ListCache<Namespace>(
                new Namespace { Metadata = new() { Name = "x", Labels = Objects.Labels("team=red") } },
                new Namespace { Metadata = new() { Name = "y", Labels = Objects.Labels("team=blue") } }),
        };
        return cluster;
    }

    private sealed record Spec
    {
        public string Name { get; init; } = "p";

        public string Namespace { get; init; } = "x";

        public string Labels { get; init; } = "";

        public string Node { get; init; } = "";

        public PodAffinityTerm[] With { get; init; } = [];

        public PodAffinityTerm[] Without { get; init; } = [];

        public (PodAffinityTerm Term, int Weight)[] Prefers { get; init; } = [];

        public (PodAffinityTerm Term, int Weight)[] Avoids { get; init; } = [];

        public Pod Build()
        {
            var pod = Objects.Pod(Name, node: Node);
            return pod with
            {
                Metadata = pod.Metadata with { Namespace = Namespace, Labels = Objects.Labels(Labels) },
                Spec = pod.Spec with
                {
                    Affinity = With.Length + Without.Length + Prefers.Length + Avoids.Length == 0 ? null : new()
                    {
                        PodAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = With, PreferredDuringSchedulingIgnoredDuringExecution = Weighted(Prefers) },
                        PodAntiAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = Without, PreferredDuringSchedulingIgnoredDuringExecution = Weighted(Avoids) },
                    },
                },
            };
        }

        private static WeightedPodAffinityTerm[] Weighted((PodAffinityTerm Term, int Weight)[] terms) => [.. terms.Select(t => new WeightedPodAffinityTerm { PodAffinityTerm = t.Term, Weight = t.Weight })];
    }

    private sealed record Case(string Name, Spec Pod, string Fits, string Why = "", PodAffinityTerm[]? OtherWithout = null);
}
