using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.ControllerManager.EndpointSlices.Topology;

namespace Kobune.ControllerManager.Tests.Topology;

public class ZoneHintPlanTests
{
    /// <summary>
    /// Shares "a 1 b 1" are CPUs by zone. A slice is the zones of its endpoints, with ">z" for a hint that is there, "!" for one that is not ready,
    /// "-" for one without a zone. What comes is the hints in the same form, with "=" before a slice that is not written; or why there are none.
    /// </summary>
    private sealed record Case(string Name, string Cpus, string Changing, string Unchanged, string Expected, string? Problem = null);

    private static readonly Case[] Cases =
    [
        new("each for its own zone", "a 1 b 1", "a b", "", "a>a b>b"),
        new("three zones, two endpoints each", "a 1 b 1 c 1", "a a b b c c", "", "a>a a>a b>b b>b c>c c>c"),
        new("a zone without endpoints gets one", "a 1 b 1", "a a", "", "a>b a>a"),
        new("four in one zone are halved", "a 1 b 1", "a a a a", "", "a>b a>b a>a a>a"),
        new("CPUs decide, not zones", "a 3 b 1", "a a b b", "", "a>a a>a b>a b>b"),
        new("half an endpoint does not move", "a 1 b 1", "a a a a b b b", "", "a>a a>a a>a a>a b>b b>b b>b"),
        new("three endpoints cannot be halved", "a 1 b 1", "a a b", "", "a a b", "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)"),
        new("one too few endpoints", "a 1 b 1 c 1", "a b", "", "a b", "Insufficient number of endpoints (2 endpoints, 3 zones)"),
        new("CPUs too uneven for so few endpoints", "a 9 b 1", "a b", "", "a b", "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (2 endpoints, 2 zones)"),
        new("CPUs as uneven with more endpoints", "a 9 b 1", "a a a a a b", "", "a>a a>a a>a a>a a>a b>b"),
        new("those that are not ready do not count", "a 1 b 1", "a !b", "", "a !b", "Insufficient number of endpoints (1 endpoints, 2 zones)"),
        new("those that are not ready get no hint", "a 1 b 1", "a b !b>b", "", "a>a b>b !b"),
        new("an endpoint without a zone", "a 1 b 1", "a b a -", "", "a b a -", "One or more endpoints do not have a zone specified"),
        new("no shares", "a 1", "a>a a>a", "a>b", "a a|a", "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes"),
        new("slices with good hints stay", "a 1 b 1", "", "a>a b>b", "=a>a b>b"),
        new("hints for another zone than one's own stay", "a 1 b 1", "", "a>b a>a", "=a>b a>a"),
        new("a slice without hints gets some", "a 1 b 1", "", "a b|a>a b>b", "a>a b>b|=a>a b>b"),
        new("hints for a zone that is no more", "a 1 b 1", "", "a>c b>b", "a>a b>b"),
        new("hints too many for a zone", "a 1 b 1", "", "a>a a>a a>a a>a", "a>b a>b a>a a>a"),
        new("a new endpoint alone is spread", "a 1 b 1", "a", "a>a b>b b>b", "a>a|=a>a b>b b>b"),
        new("a new slice evens what stays", "a 1 b 1", "a a a", "a>a a>a b>b", "a>b a>b a>a|=a>a a>a b>b"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Compute(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var unchanged = Slices(c.Unchanged);
        var hints = ZoneHintPlan.Compute(Slices(c.Changing), unchanged, Shares(c.Cpus));
        Assert.Equal(c.Problem, hints.Problem);
        var written = hints.Changing.Select(Text).Concat(hints.Unchanged.Select((s, i) => (s.SequenceEqual(unchanged[i]) && c.Problem is null ? "=" : "") + Text(s)));
        Assert.Equal(c.Expected, string.Join('|', written));
    }

    [Theory]
    [InlineData("a:1 b:1", "a 0.5 b 0.5")]
    [InlineData("a:1 a:2 b:1", "a 0.75 b 0.25")]
    [InlineData("a:1 b:500m b:500m", "a 0.5 b 0.5")]
    [InlineData("a:1 b:1 !c:1", "a 0.5 b 0.5")] // not ready
    [InlineData("a:1 b:1 *c:1", "a 0.5 b 0.5")] // control plane
    [InlineData("a:1 a:1", null)]
    [InlineData("a:1 *b:1", null)]
    [InlineData("a:1 b:1 :1", null)] // a node without a zone
    [InlineData("a:1 b:0", null)]
    [InlineData("", null)]
    public void Shares_of_zones(string nodes, string? expected)
    {
        var shares = ZoneShares.Of(nodes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Node));
        Assert.Equal(expected, shares is null ? null : string.Join(' ', shares.Select(s => $"{s.Key} {s.Value}")));
    }

    [Theory]
    [InlineData("a:1", "a:1", false)]
    [InlineData("a:1", "b:1", true)]
    [InlineData("a:1", "a:2", true)]
    [InlineData("a:1", "!a:1", true)]
    [InlineData("!a:1", "!b:1", false)]
    [InlineData("a:1", null, true)]
    [InlineData(null, "*a:1", false)]
    public void Changes_that_matter(string? old, string? now, bool differ) =>
        Assert.Equal(differ, ZoneShares.Differ(old is null ? null : Node(old), now is null ? null : Node(now)));

    [Theory]
    [InlineData("service.kubernetes.io/topology-mode", "Auto", true)]
    [InlineData("service.kubernetes.io/topology-mode", "auto", true)]
    [InlineData("service.kubernetes.io/topology-mode", "Disabled", false)]
    [InlineData("service.kubernetes.io/topology-aware-hints", "Auto", true)]
    [InlineData("other", "Auto", false)]
    public void The_annotation_asks_for_it(string key, string value, bool auto)
    {
        var service = new Service { Metadata = new() { Annotations = new Dictionary<string, string> { [key] = value } } };
        Assert.Equal(auto, TopologyMode.IsAuto(service));
    }

    [Fact]
    public void The_older_annotation_wins() => Assert.False(TopologyMode.IsAuto(new Service
    {
        Metadata = new() { Annotations = new Dictionary<string, string> { ["service.kubernetes.io/topology-mode"] = "Auto", ["service.kubernetes.io/topology-aware-hints"] = "disabled" } },
    }));

    /// <summary>"zone:cpus", "!" for not ready, "*" for a control plane.</summary>
    private static Node Node(string text)
    {
        var parts = text.TrimStart('!', '*').Split(':');
        var labels = new Dictionary<string, string>();
        if (parts[0].Length > 0)
        {
            labels["topology.kubernetes.io/zone"] = parts[0];
        }

        if (text[0] == '*')
        {
            labels["node-role.kubernetes.io/control-plane"] = "";
        }

        return new()
        {
            Metadata = new() { Labels = labels },
            Status = new() { Allocatable = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(parts[1]) }, Conditions = [new() { Type = "Ready", Status = text[0] == '!' ? "False" : "True" }] },
        };
    }

    private static SortedDictionary<string, double>? Shares(string text)
    {
        var words = text.Split(' ');
        return ZoneShares.Of(words.Chunk(2).Select(w => Node(w[0] + ":" + w[1])));
    }

    private static List<IReadOnlyList<Endpoint>> Slices(string text) => text.Length == 0 ? [] : [.. text.Split('|').Select(s => (IReadOnlyList<Endpoint>)[.. s.Split(' ').Select(Endpoint)])];

    private static Endpoint Endpoint(string text)
    {
        var parts = text.TrimStart('!').Split('>');
        return new()
        {
            Conditions = new() { Ready = text[0] != '!' },
            Zone = parts[0] == "-" ? null : parts[0],
            Hints = parts.Length > 1 ? new() { ForZones = [new() { Name = parts[1] }] } : null,
        };
    }

    private static string Text(IReadOnlyList<Endpoint> slice) =>
        string.Join(' ', slice.Select(e => (e.Conditions.Ready == true ? "" : "!") + (e.Zone ?? "-") + (e.Hints is { } hints ? ">" + hints.ForZones.Single().Name : "")));
}
