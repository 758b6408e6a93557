using Kobune.ControllerManager.EndpointSliceMirroring;
using Kobune.ControllerManager.EndpointSlices;
using EndpointSlice = Kobune.Api.Discovery.V1.EndpointSlice;
using Legacy = Kobune.Api.Core.V1.Endpoints;

namespace Kobune.ControllerManager.Tests;

/// <summary>What of hand-made Endpoints stands on their mirrors.</summary>
public class MirrorPlanTests
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private const string Trigger = "endpoints.kubernetes.io/last-change-trigger-time";

    [Theory]
    [InlineData("a Service without a selector", "", "", "", true)]
    [InlineData("a Service with one", "", "", "app", false)]
    [InlineData("no Service", "", "", null, false)]
    [InlineData("told to skip", "true", "", "", false)]
    [InlineData("told to skip in another way", "T", "", "", false)]
    [InlineData("told not to skip", "false", "", "", true)]
    [InlineData("a lock of leaders", "", "control-plane.alpha.kubernetes.io/leader", "", false)]
    public void Endpoints_are_mirrored_that_a_user_keeps(string name, string skip, string annotation, string? selector, bool expected)
    {
        var endpoints = new Kobune.Api.Core.V1.Endpoints
        {
            Metadata = new()
            {
                Name = "e",
                Labels = skip.Length == 0 ? new Dictionary<string, string>() : new() { ["endpointslice.kubernetes.io/skip-mirror"] = skip },
                Annotations = annotation.Length == 0 ? new Dictionary<string, string>() : new() { [annotation] = "{}" },
            },
        };
        var service = selector is null ? null : new Kobune.Api.Core.V1.Service { Spec = new() { Selector = selector.Length == 0 ? new Dictionary<string, string>() : new() { [selector] = "x" } } };
        Assert.Equal((name, expected), (name, MirrorPlan.IsMirrored(endpoints, service)));
    }

    [Fact]
    public void Annotations_are_mirrored_but_for_those_of_the_Endpoints_alone()
    {
        var slice = Assert.Single(Plan(Far(("a", "1"), (LastApplied, "{}"), (Trigger, "2026-03-01T12:00:00Z"))).Create);
        Assert.Equal(["a=1", Trigger + "=2026-03-01T12:00:00Z"], slice.Metadata.Annotations.Select(a => $"{a.Key}={a.Value}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("the same", "1", null, 0)]
    [InlineData("the trigger alone", "1", "2026-03-01T12:00:00Z", 0)]
    [InlineData("another value", "2", null, 1)]
    [InlineData("gone", null, null, 1)]
    public void Changed_annotations_are_written(string name, string? value, string? trigger, int updates)
    {
        var made = Assert.Single(Plan(Far(("a", "1"))).Create);
        made = made with { Metadata = made.Metadata with { Name = "far-x" } };
        var plan = Plan(Far([.. value is null ? [] : new[] { ("a", value) }, .. trigger is null ? [] : new[] { (Trigger, trigger) }]), made);
        Assert.True((0, updates, 0) == (plan.Create.Count, plan.Update.Count, plan.Delete.Count), name);
        Assert.All(plan.Update, u => Assert.Equal(value, u.Metadata.Annotations.GetValueOrDefault("a")));
    }

    [Theory]
    [InlineData("two addresses", "1/a", "2/b", "10.0.0.1/a+ 10.0.0.2/b-")]
    [InlineData("one that is ready and is not: what is said last holds", "1/a", "1/a", "10.0.0.1/a-")]
    [InlineData("one without a pod", "1/", "1/", "10.0.0.1/-")]
    [InlineData("one of two pods", "1/a", "1/b", "10.0.0.1/a+ 10.0.0.1/b-")]
    public void An_address_stands_once_for_a_pod(string name, string ready, string notReady, string expected)
    {
        var endpoints = Far() with { Subsets = [new() { Addresses = [Address(ready)], NotReadyAddresses = [Address(notReady)], Ports = [new() { Port = 80, Protocol = "TCP" }] }] };
        var found = Assert.Single(Plan(endpoints).Create).Endpoints.Select(e => $"{e.Addresses[0]}/{e.TargetRef?.Name}{(e.Conditions!.Ready == true ? "+" : "-")}");
        Assert.Equal((name, expected), (name, string.Join(' ', found.Order(StringComparer.Ordinal))));

        static Api.Core.V1.EndpointAddress Address(string text) =>
            new() { IP = "10.0.0." + text.Split('/')[0], TargetRef = text.Split('/')[1] is { Length: > 0 } pod ? new() { Kind = "Pod", Namespace = "default", Name = pod } : null };
    }

    [Theory]
    [InlineData("each has one: the first gets both", "1", "2", 80, "a: 1 2", "b")]
    [InlineData("the first has all already", "1 2", "2", 80, "", "b")]
    [InlineData("of other ports: that is another's, and nobody's", "1 2", "2", 81, "", "b")]
    [InlineData("neither has any that is wanted", "8", "9", 80, "a: 1 2", "b")]
    public void Mirrors_of_the_same_ports_become_one(string name, string first, string second, int port, string updated, string deleted)
    {
        var endpoints = Far() with { Subsets = [new() { Addresses = [new() { IP = "10.0.0.1" }, new() { IP = "10.0.0.2" }], Ports = [new() { Port = 80, Protocol = "TCP" }] }] };
        var made = Assert.Single(Plan(endpoints).Create);
        var plan = Plan(endpoints, Mirror("b", second, port), Mirror("a", first, 80));
        Assert.Equal((name, updated, deleted), (name, string.Join(", ", plan.Update.Select(Show)), string.Join(' ', plan.Delete.Select(s => s.Metadata.Name))));
        Assert.Empty(plan.Create);

        static string Show(EndpointSlice slice) => $"{slice.Metadata.Name}: {string.Join(' ', slice.Endpoints.Select(e => e.Addresses[0].Split('.')[^1]).Order(StringComparer.Ordinal))}";

        EndpointSlice Mirror(string mirror, string addresses, int at) => made with
        {
            Metadata = made.Metadata with { Name = mirror },
            Ports = [made.Ports[0] with { Port = at }],
            Endpoints = [.. addresses.Split(' ').Select(a => made.Endpoints[0] with { Addresses = ["10.0.0." + a] })],
        };
    }

    private static EndpointSlicePlan Plan(Legacy endpoints, params EndpointSlice[] existing) => MirrorPlan.Compute(endpoints, MirrorPlan.Families(endpoints), existing);

    private static Legacy Far(params (string Key, string Value)[] annotations) => new()
    {
        Metadata = new() { Namespace = "default", Name = "far", Uid = "u", Annotations = annotations.ToDictionary(a => a.Key, a => a.Value) },
        Subsets = [new() { Addresses = [new() { IP = "10.0.0.1" }], Ports = [new() { Port = 80, Protocol = "TCP" }] }],
    };
}
