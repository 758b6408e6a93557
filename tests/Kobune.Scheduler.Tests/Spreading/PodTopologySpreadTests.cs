using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Tests.Spreading;

public class PodTopologySpreadTests
{
    private const string Plugin = "PodTopologySpread";
    private const string Skewed = "node(s) didn't match pod topology spread constraints";
    private const string Missing = Skewed + " (missing required label)";
    private const string Host = "kubernetes.io/hostname";
    private const string Zone = "topology.kubernetes.io/zone";

    /// <summary>Nodes a and b are in zone 1, c is in zone 2 and tainted. The pods counted are given as their nodes.</summary>
    private static readonly Case[] Cases =
    [
        new("none yet: any zone", "", Of(Zone), "a,b,c"),
        new("the other zone is due", "a", Of(Zone), "c"),
        new("even again", "a,c", Of(Zone), "a,b,c"),
        new("a skew of two is allowed", "a", Of(Zone) with { MaxSkew = 2 }, "a,b,c"),
        new("by host", "a,c", Of(Host), "b"),
        new("pods of others do not count", "a", Of(Zone) with { LabelSelector = Selector("app=else") }, "a,b,c"),
        new("an empty selector counts none", "a", Of(Zone) with { LabelSelector = new() }, "a,b,c"),
        new("only the same revision counts", "a", Of(Zone) with { MatchLabelKeys = ["rev"] }, "a,b,c"),
        new("too few domains: the least is none", "a,c", Of(Zone) with { MinDomains = 3 }, ""),
        new("enough domains", "a,c", Of(Zone) with { MinDomains = 2 }, "a,b,c"),
        new("tainted nodes count as a domain", "a,b", Of(Zone), "c"),
        new("unless taints are honored", "a,b", Of(Zone) with { NodeTaintsPolicy = NodeInclusionPolicy.Honor }, "a,b"),
        new("nodes that the selector forbids are no domain", "a,b", Of(Zone), "a,b", NodeSelector: "ok=yes"),
        new("unless it is ignored", "a,b", Of(Zone) with { NodeAffinityPolicy = NodeInclusionPolicy.Ignore }, "", NodeSelector: "ok=yes"),
        new("wishes do not filter", "a", Of(Zone) with { WhenUnsatisfiable = UnsatisfiableConstraintAction.ScheduleAnyway }, "a,b,c"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Filter(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var pod = Spread("p", c.Constraint).With(s => s with { NodeSelector = Objects.Labels(c.NodeSelector), Tolerations = c.Constraint.NodeTaintsPolicy is null ? [new() { Operator = "Exists" }] : [] });
        pod = pod with { Metadata = pod.Metadata with { Labels = Objects.Labels("app=web,rev=2") } };
        Assert.Equal(c.Fits, Cluster(c.Others.Split(',', StringSplitOptions.RemoveEmptyEntries)).Fitting(pod));
    }

    [Fact]
    public void Nodes_without_the_key_are_out_for_good()
    {
        var cluster = Cluster("a", "a", "c").Nodes($"d:{Host}=d");
        var pod = Spread("p", Of(Zone)).With(s => s with { Tolerations = [new() { Operator = "Exists" }] });
        var reasons = cluster.Reasons(pod);
        Assert.Equal((Skewed, Skewed, "", Missing), (reasons["a"], reasons["b"], reasons["c"], reasons["d"]));
        var (_, message) = cluster.Reject(Spread("p", Of("rack")));
        Assert.Equal($"0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 {Missing}. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.", message);
    }

    [Fact]
    public void Pods_that_are_going_do_not_count_but_come_anew()
    {
        var cluster = Cluster("a");
        var going = Labeled("going", "b") with { };
        cluster.Add(going with { Metadata = going.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch } });
        Assert.Equal("b", cluster.Fitting(Spread("p", Of(Host)).With(s => s with { NodeSelector = Objects.Labels("ok=yes") })));
    }

    [Fact]
    public void Counts_are_fresh_after_a_pod_came_and_cheap_until_then()
    {
        var cluster = Cluster("a");
        var pod = Spread("p", Of(Host)).With(s => s with { NodeSelector = Objects.Labels("ok=yes") });
        Assert.Equal("b", cluster.Fitting(pod));
        Assert.Equal("b", cluster.Fitting(pod));
        cluster.Add(Labeled("new", "b"));
        Assert.Equal("a,b", cluster.Fitting(pod));
    }

    [Fact]
    public void Fewer_pods_in_the_zone_are_better()
    {
        var wish = Of(Zone) with { WhenUnsatisfiable = UnsatisfiableConstraintAction.ScheduleAnyway };
        Assert.Equal([25, 25, 100], Cluster("a", "a", "b", "c").Scores(Plugin, Spread("p", wish))!); // ln 4 x 3 to ln 4 x 1, rounded
        Assert.Equal([100, 100, 100], Cluster().Scores(Plugin, Spread("p", wish))!);
        Assert.Equal([25, 25, 100, 0], Cluster("a", "a", "b", "c").Nodes($"d:{Host}=d").Scores(Plugin, Spread("p", wish))!);
        Assert.Null(Cluster("a").Scores(Plugin, Spread("p", Of(Zone))));
    }

    [Fact]
    public void Pods_of_a_service_or_controller_spread_by_default()
    {
        var cluster = Cluster("a", "a", "b", "c");
        var pod = Labeled("p");
        Assert.Null(cluster.Scores(Plugin, pod)); // nobody selects it
        cluster.View = cluster.View with { Services = new ListCache<Service>(new Service { Metadata = new() { Namespace = "default", Name = "web" }, Spec = new() { Selector = Objects.Labels("app=web") } }) };
        var byService = cluster.Scores(Plugin, pod)!;
        Assert.True(byService[0] < byService[1] && byService[1] < byService[2]);

        cluster.View = new TestCluster().View with
        {
            ReplicaSets = new ListCache<ReplicaSet>(new ReplicaSet { Metadata = new() { Namespace = "default", Name = "web", Uid = "rs" }, Spec = new() { Selector = Selector("app=web") } }),
        };
        Assert.Null(cluster.Scores(Plugin, pod));
        var owned = pod with { Metadata = pod.Metadata with { OwnerReferences = [new() { APIVersion = "apps/v1", Kind = "ReplicaSet", Name = "web", Uid = "rs", Controller = true }] } };
        Assert.Equal(byService, cluster.Scores(Plugin, owned)!);
    }

    [Fact]
    public void System_defaults_spread_over_hosts_without_zones()
    {
        var cluster = new TestCluster().Nodes($"a:{Host}=a", $"b:{Host}=b").Add(Labeled("x", "a"));
        cluster.View = cluster.View with { Services = new ListCache<Service>(new Service { Metadata = new() { Namespace = "default", Name = "web" }, Spec = new() { Selector = Objects.Labels("app=web") } }) };
        Assert.Equal([66, 100], cluster.Scores(Plugin, Labeled("p"))!); // ln 4 + 2 = 3 to 2
    }

    [Fact]
    public void Defaults_of_the_user_may_filter_and_take_their_place()
    {
        var cluster = Cluster("a");
        cluster.Profile = new() { DefaultConstraints = [new() { MaxSkew = 1, TopologyKey = Zone, WhenUnsatisfiable = UnsatisfiableConstraintAction.DoNotSchedule }] };
        cluster.View = cluster.View with { Services = new ListCache<Service>(new Service { Metadata = new() { Namespace = "default", Name = "web" }, Spec = new() { Selector = Objects.Labels("app=web") } }) };
        Assert.Equal(Skewed, cluster.Reasons(Labeled("p"))["a"]);
        Assert.Null(cluster.Scores(Plugin, Labeled("p")));
        cluster.Profile = new() { DefaultConstraints = [] };
        Assert.Equal("a,b", cluster.Fitting(Labeled("p")));
    }

    [Theory]
    [InlineData("a pod that counts comes", "", "app=web", true)]
    [InlineData("one goes", "app=web", "", true)]
    [InlineData("one becomes another's", "app=web", "app=db", true)]
    [InlineData("another comes", "", "app=db", false)]
    [InlineData("one changes a label that does not matter", "app=web", "app=web,x=y", false)]
    public void Pods_that_help(string name, string before, string after, bool helps)
    {
        var (old, now) = (Other(before), Other(after));
        var action = old is null ? ActionType.Add : now is null ? ActionType.Delete : ActionType.UpdatePodLabel;
        Assert.True(helps == Cluster().Helps(Plugin, Spread("p", Of(Zone)), new(EventResource.AssignedPod, action, old, now)), name);

        static Pod? Other(string labels) => labels.Length == 0 ? null : Objects.Pod("other", node: "a") with { Metadata = new() { Namespace = "default", Name = "other", Labels = Objects.Labels(labels) } };
    }

    [Fact]
    public void Nodes_that_help()
    {
        var (pod, zoned, bare) = (Spread("p", Of(Zone)), Objects.Node("n", labels: Zone + "=1"), Objects.Node("n"));
        Assert.True(Helps(ActionType.Add, null, zoned));
        Assert.False(Helps(ActionType.Add, null, bare));
        Assert.True(Helps(ActionType.Delete, zoned, null));
        Assert.True(Helps(ActionType.UpdateNodeLabel, bare, zoned));
        Assert.True(Helps(ActionType.UpdateNodeLabel, zoned, Objects.Node("n", labels: Zone + "=2")));
        Assert.False(Helps(ActionType.UpdateNodeLabel, bare, Objects.Node("n", labels: "x=y")));
        Assert.True(Helps(ActionType.UpdateNodeTaint, zoned, zoned with { Spec = new() { Taints = [Objects.Taint("k")] } }));

        bool Helps(ActionType action, Node? old, Node? now) => Cluster().Helps(Plugin, pod, new(EventResource.Node, action, old, now));
    }

    private static TestCluster Cluster(params string[] others) =>
        new TestCluster().Nodes($"a:{Zone}=1,{Host}=a,ok=yes", $"b:{Zone}=1,{Host}=b,ok=yes", $"c:{Zone}=2,{Host}=c")
            .Taint("c", $"{Zone}=2,{Host}=c")
            .Add([.. others.Select((node, i) => Labeled($"other{i}", node))]);

    private static Pod Labeled(string name, string node = "") => Objects.Pod(name, node: node) with { Metadata = new() { Namespace = "default", Name = name, Uid = "uid-" + name, Labels = Objects.Labels("app=web,rev=1") } };

    private static Pod Spread(string name, TopologySpreadConstraint constraint) => Labeled(name).With(s => s with { TopologySpreadConstraints = [constraint] });

    private static TopologySpreadConstraint Of(string key) =>
        new() { MaxSkew = 1, TopologyKey = key, WhenUnsatisfiable = UnsatisfiableConstraintAction.DoNotSchedule, LabelSelector = Selector("app=web") };

    private static LabelSelector Selector(string labels) => new() { MatchLabels = Objects.Labels(labels) };

    private sealed record Case(string Name, string Others, TopologySpreadConstraint Constraint, string Fits, string NodeSelector = "");
}
