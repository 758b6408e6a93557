using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Tests.Spreading;

/// <summary>
/// What upstream answers for pods that are spread unevenly. A node is its name and the digit of its zone, "-" without one, with "?" without host, "!" tainted, "+" one that the
/// pod's selector allows, "~" not to be scored. A pod is its node and the letters of its labels, with "~" one that is going and "@" one of another namespace. A constraint is
/// its key (zone, host or node), its skew and the label that it counts, with "i" to ignore the node selector, "t" to honor taints, "m" and the least number of domains, and
/// "k" with a label to match the pod's.
/// </summary>
public class SpreadRowTests
{
    [Theory]
    [InlineData("nobody yet", "f", "z1:f", "a1 b1 x2 y2", "", "++++")]
    [InlineData("the pod is not what it counts", "f", "z1:b", "a1 b1 x2 y2", "", "++++")]
    [InlineData("other namespaces do not count", "f", "z1:f", "a1 b1 x2 y2", "a:f@ a:f@ x:f y:f", "++--")]
    [InlineData("no selector counts nobody", "f", "z1:", "a1 b1 x2 y2", "x:f y:f", "++++")]
    [InlineData("zones 3/3", "f", "z1:f", "a1 b1 x2 y2", "a:f a:f b:f y:f y:f y:f", "++++")]
    [InlineData("zones 1/2, a node without one", "f", "z1:f", "a1 b- x2 y2", "a:f b:f x:f y:f", "+0--")]
    [InlineData("no zones at all", "f", "z1:f", "a- x-", "", "00")]
    [InlineData("nodes 2/1/0/3", "f", "n1:f", "a1 b1 x2 y2", "a:f a:f b:f y:f y:f y:f", "--+-")]
    [InlineData("nodes 2/1/0/3 with a skew of 2", "f", "n2:f", "a1 b1 x2 y2", "a:f a:f b:f y:f y:f y:f", "-++-")]
    [InlineData("nodes 2/1/0/3 for a pod that is not counted", "b", "n1:f", "a1 b1 x2 y2", "a:f a:f b:f y:f y:f y:f", "-++-")]
    [InlineData("nodes 2/(1)/(0)/3", "f+", "n1:f", "a1+ b1 x2 y2+", "a:f a:f b:f y:f y:f y:f", "+++-")]
    [InlineData("who is going does not count", "f", "n1:f", "a1 b1", "a:f~ b:f", "+-")]
    [InlineData("zones 0/1 without a node", "f+", "z1:f", "a1+ b1 x2+ y2+", "b:f b:f y:f", "++--")]
    [InlineData("nodes 2/2/1, of four", "f", "n2:f:m4", "a1 b1 c1", "a:f a:f b:f b:f c:f", "--+")]
    [InlineData("nodes 2/2/1, of two", "f", "n2:f:m2", "a1 b1 c1", "a:f a:f b:f b:f c:f", "+++")]
    [InlineData("zones 2/1, of three", "f", "z2:f:m3", "a1 b1 x2 y2", "a:f b:f y:f", "--++")]
    [InlineData("zones 2/1, of one", "f", "z2:f:m1", "a1 b1 x2 y2", "a:f b:f y:f", "++++")]
    [InlineData("nodes 1/1/0/(1)", "f+", "n1:f", "a1+ b1+ x1+ y1", "a:f b:f y:f", "--++")]
    [InlineData("nodes 1/1/0/1, the selector ignored", "f+", "n1:f:i", "a1+ b1+ x1+ y1", "a:f b:f y:f", "--+-")]
    [InlineData("nodes 1/1/0/(1), the taint honored", "f", "n1:f:t", "a1 b1 x1 y1!", "a:f b:f y:f", "--++")]
    [InlineData("nodes 1/1/0/1, the taint ignored", "f", "n1:f", "a1 b1 x1 y1!", "a:f b:f y:f", "--+-")]
    [InlineData("zones 3/3 and nodes 2/1/0/3", "f", "z1:f n1:f", "a1 b1 x2 y2", "a:f a:f b:f y:f y:f y:f", "--+-")]
    [InlineData("zones 3/4 and nodes 2/1/0/4", "f", "z1:f n1:f", "a1 b1 x2 y2", "a:f a:f b:f y:f y:f y:f y:f", "----")]
    [InlineData("zones 1/0 and nodes 0/0/0/1 of others", "fb", "z1:f n1:b", "a1 b1 x2 y2", "a:f y:b", "--+-")]
    [InlineData("zones 1/0 and nodes 0/0/1/1 of others", "fb", "z1:f n1:b", "a1 b1 x2 y2", "a:f x:b y:b", "----")]
    [InlineData("zones 2/3 and nodes 1/0/0/1 of others", "fb", "z1:f n1:b", "a1 b1 x2 y2", "a:f a:fb y:f y:fb y:f", "-+--")]
    [InlineData("zones 1/0 that the pod does not count in", "b", "z1:f n1:b", "a1 b1 x2 y2", "a:f x:b y:b", "++--")]
    [InlineData("zones 1/1 and nodes 1/0/-/1", "f", "z1:f n1:f", "a1 b1 x2? y2", "a:f y:f", "-+0-")]
    [InlineData("zones 2/(0) and nodes 1/1/0/1", "f+", "z1:f n1:f:i", "a1+ b1+ x2+ y2", "a:f b:f y:f", "--+-")]
    [InlineData("zones 2/0 and nodes 1/1/0/1", "f", "z1:f:t n1:f", "a1 b1 x2 y2!", "a:f b:f y:f", "--+-")]
    [InlineData("zones 1/1 and nodes 1/(1)/0/1", "f+", "z1:f n1:f", "a1+ b1 x2+ y2+!", "a:f b:f y:f", "-++-")]
    public void Filter(string name, string pod, string constraints, string nodes, string pods, string expected)
    {
        var (cluster, wanted, _) = Make(pod, constraints, UnsatisfiableConstraintAction.DoNotSchedule, nodes, pods);
        var (plugin, state) = (cluster.Plugins.Single(p => p.Plugin.Name == "PodTopologySpread").Plugin, new CycleState());
        Assert.Null(((IPreFilterPlugin)plugin).PreFilter(state, wanted, out var _));
        var found = string.Concat(cluster.Snapshot.Nodes.Select(n => ((IFilterPlugin)plugin).Filter(state, wanted, n)?.Code switch { null => '+', StatusCode.Unschedulable => '-', _ => '0' }));
        Assert.Equal((name, expected), (name, found));
    }

    [Theory]
    [InlineData("hosts 4/3/2/1 with a skew of 3", "f", "h3:f", "a1 b1 c1 d1", "a:f a:f a:f a:f b:f b:f b:f c:f c:f d:f", "44 66 77 100")]
    [InlineData("hosts 4/2/1/(3)", "f", "h1:f", "a1 b1 x1 y1~", "a:f a:f a:f a:f b:f b:f x:f y:f y:f y:f", "33 83 100")]
    [InlineData("hosts 4/-/1/(3)", "f", "h1:f", "a1 b1? x1 y1~", "a:f a:f a:f a:f b:f b:f x:f y:f y:f y:f", "16 0 100")]
    [InlineData("zones 6/4, a node is none to score", "f", "z1:f", "a1 b1 x2 y2~", "a:f a:f a:f a:f b:f b:f x:f y:f y:f y:f", "75 75 100")]
    [InlineData("zones 3/6 and hosts 2/(1)/2/(4)", "f", "z1:f h1:f", "a1 b1~ x2 y2~", "a:f a:f b:f x:f x:f y:f y:f y:f y:f", "100 63")]
    [InlineData("zones 3/3 and 2/1 of others", "fb", "z1:f z1:b", "a1 b1~ x2 y2~", "a:fb a:f b:fb y:f y:fb y:f", "85 100")]
    [InlineData("zones 2/1 and hosts 0/1/0/1 of others", "fb", "z1:f h1:b", "a1 b1 x2 y2", "a:f b:fb y:f y:b", "60 20 100 60")]
    [InlineData("zones 0/2 and hosts 0/1/0/1 of others", "fb", "z1:f h1:b", "a1 b1 x2 y2", "b:b x:f y:fb", "100 60 40 0")]
    [InlineData("zones 2/1 and hosts 0/1/0/(1) of others", "fb", "z1:f h1:b", "a1 b1 x2 y2~", "a:f b:fb y:f y:b", "50 25 100")]
    [InlineData("other namespaces do not count", "f", "h1:f", "a1 b1", "a:f@ a:f b:f b:f", "100 33")]
    [InlineData("who is going does not count", "f", "h1:f", "a1 b1", "a:f~ b:f", "100 0")]
    [InlineData("nodes 2/2/1", "f", "n2:f", "a1 b1 c1", "a:f a:f b:f b:f c:f", "75 75 100")]
    [InlineData("nodes 2/1/(1)", "f+", "n1:f", "a1+ b1+ c1", "a:f a:f b:f c:f", "0 33 100")]
    [InlineData("nodes 2/1/1, the selector ignored", "f+", "n1:f:i", "a1+ b1+ c1", "a:f a:f b:f c:f", "66 100 100")]
    [InlineData("nodes 2/1/(1), the taint honored", "f", "n1:f:t", "a1 b1 c1!", "a:f a:f b:f c:f", "0 33 100")]
    [InlineData("nodes 2/1/1, the taint ignored", "f", "n1:f", "a1 b1 c1!", "a:f a:f b:f c:f", "66 100 100")]
    [InlineData("by labels of the pod alone", "fb", "z1:*:kf h1:*:kb", "a1 b1 c2 d2", "a:f b:fb c:f c:b", "60 20 60 100")]
    [InlineData("by a label of the pod too", "fbz", "z1:f h1:b:kz", "a1 b1 c2 d2", "a:f b:fbz c:f c:b c:bz", "60 20 60 100")]
    public void Score(string name, string pod, string constraints, string nodes, string pods, string expected)
    {
        var (cluster, wanted, candidates) = Make(pod, constraints, UnsatisfiableConstraintAction.ScheduleAnyway, nodes, pods);
        var (plugin, state) = (cluster.Plugins.Single(p => p.Plugin.Name == "PodTopologySpread").Plugin, new CycleState());
        Assert.Null(((IPreScorePlugin)plugin).PreScore(state, wanted, candidates));
        long[] scores = [.. candidates.Select(n => ((IScorePlugin)plugin).Score(state, wanted, n))];
        ((IScorePlugin)plugin).NormalizeScore(scores);
        Assert.Equal((name, expected), (name, string.Join(' ', scores)));
    }

    private static (TestCluster Cluster, PodInfo Pod, IReadOnlyList<NodeInfo> Candidates) Make(string pod, string constraints, string action, string nodes, string pods)
    {
        var (cluster, all) = (new TestCluster(), nodes.Split(' '));
        foreach (var node in all)
        {
            var (name, host) = (node[..1], node.Contains('?') ? "" : $"kubernetes.io/hostname={node[0]},node={node[0]},");
            var labels = host + (node[1] == '-' ? "" : $"zone={node[1]},") + (node.Contains('+') ? "ok=yes" : "");
            cluster = node.Contains('!') ? cluster.Taint(name, labels) : cluster.Nodes($"{name}:{labels}");
        }

        foreach (var (i, other) in pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            var made = Labelled($"other{i}", other.Split(':')[1]).With(s => s with { NodeName = other[..1] });
            cluster.Add(made with { Metadata = made.Metadata with { Namespace = other.EndsWith('@') ? "else" : "default", DeletionTimestamp = other.EndsWith('~') ? DateTimeOffset.UnixEpoch : null } });
        }

        cluster.Cache.Update(cluster.Snapshot);
        var wanted = Labelled("p", pod).With(s => s with
        {
            NodeSelector = pod.EndsWith('+') ? Objects.Labels("ok=yes") : [],
            TopologySpreadConstraints = [.. constraints.Split(' ').Select(c => Constraint(c, action))],
        });
        return (cluster, new(wanted), [.. cluster.Snapshot.Nodes.Where(n => all.Any(a => a[..1] == n.Name && !a.EndsWith('~')))]);
    }

    private static Pod Labelled(string name, string letters)
    {
        var pod = Objects.Pod(name);
        return pod with { Metadata = pod.Metadata with { Labels = letters.Where(char.IsLetter).ToDictionary(l => $"{l}", _ => "") } };
    }

    private static TopologySpreadConstraint Constraint(string text, string action)
    {
        var (head, label, more) = (text.Split(':')[0], text.Split(':')[1], text.Split(':').ElementAtOrDefault(2) ?? "");
        return new()
        {
            TopologyKey = head[0] switch { 'z' => "zone", 'h' => "kubernetes.io/hostname", _ => "node" },
            MaxSkew = head[1] - '0',
            WhenUnsatisfiable = action,
            LabelSelector = label switch { "" => null, "*" => new(), _ => new() { MatchExpressions = [new() { Key = label, Operator = "Exists" }] } },
            MinDomains = more.StartsWith('m') ? more[1] - '0' : null,
            NodeAffinityPolicy = more == "i" ? NodeInclusionPolicy.Ignore : null,
            NodeTaintsPolicy = more == "t" ? NodeInclusionPolicy.Honor : null,
            MatchLabelKeys = more.StartsWith('k') ? [more[1..]] : [],
        };
    }
}
