using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Endpoints;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests;

public class EndpointsPlanTests
{
    private static readonly Service Web80 = new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = "web", CreationTimestamp = Now },
        Spec = new ServiceSpec { ClusterIP = "10.96.0.7", Selector = Web, Ports = [new ServicePort { Port = 80, TargetPort = "http" }] },
    };

    [Fact]
    public void Ready_and_other_pods_are_told_apart_and_going_ones_left_out()
    {
        var plan = EndpointsPlan.Compute(Web80, [Pod("b", ip: "10.244.0.2"), Pod("a", ip: "10.244.0.1"), Pod("c", ready: false, ip: "10.244.0.3"), Pod("d").Deleting()]);
        var subset = Assert.Single(plan.Subsets);
        Assert.Equal(["10.244.0.1", "10.244.0.2"], subset.Addresses.Select(a => a.IP));
        Assert.Equal(["10.244.0.3"], subset.NotReadyAddresses.Select(a => a.IP));
        Assert.Equal((8080, "TCP"), (subset.Ports[0].Port, subset.Ports[0].Protocol));
        Assert.Equal(("Pod", "a"), (subset.Addresses[0].TargetRef!.Kind, subset.Addresses[0].TargetRef!.Name));
    }

    [Fact]
    public void A_pod_without_the_named_port_is_no_endpoint()
    {
        var bare = Pod("a") with { Spec = new PodSpec { NodeName = "n1" } };
        Assert.Empty(EndpointsPlan.Compute(Web80, [bare]).Subsets);
        var headless = Web80 with { Spec = Web80.Spec with { ClusterIP = "None", Ports = [] } };
        Assert.Empty(Assert.Single(EndpointsPlan.Compute(headless, [bare]).Subsets).Ports);
    }

    [Fact]
    public void More_than_1000_addresses_are_cut_the_ready_ones_last()
    {
        var pods = Enumerable.Range(0, 1100).Select(i => Pod("p" + i, ready: i % 2 == 0, ip: $"10.244.{i / 200}.{i % 200}")).ToArray();
        var plan = EndpointsPlan.Compute(Web80, pods);
        Assert.True(plan.IsTruncated);
        Assert.Equal((550, 450), (plan.Subsets[0].Addresses.Count, plan.Subsets[0].NotReadyAddresses.Count));
    }

    [Theory]
    [InlineData("ready ones alone are cut, others go", 800, 10, 400, 10, "667+0 333+0")]
    [InlineData("the last gets what is left", 501, 0, 501, 0, "500+0 500+0")]
    [InlineData("others share what the ready ones leave", 300, 600, 300, 200, "300+300 300+100")]
    [InlineData("all fit", 500, 0, 400, 100, "500+0 400+100")]
    public void Subsets_keep_their_shares(string name, int ready, int others, int ready2, int others2, string expected)
    {
        // The second kind of pod has another port of the name.
        var named = Web80 with { Spec = Web80.Spec with { Ports = [Web80.Spec.Ports[0] with { TargetPort = "web" }] } };
        Pod[] pods = [.. Some(1, ready, true), .. Some(1, others, false), .. Some(2, ready2, true), .. Some(2, others2, false)];
        var plan = EndpointsPlan.Compute(named, pods);
        Assert.Equal((name, expected), (name, string.Join(' ', plan.Subsets.Select(s => $"{s.Addresses.Count}+{s.NotReadyAddresses.Count}"))));
        Assert.Equal(name != "all fit", plan.IsTruncated);

        IEnumerable<Pod> Some(int kind, int count, bool isReady) => Enumerable.Range(0, count).Select(i => Pod($"p{kind}{isReady}{i}", ready: isReady, ip: $"10.{kind}.{(isReady ? 0 : 100) + (i / 200)}.{i % 200}") is var pod
            ? pod with { Spec = pod.Spec with { Containers = [new Container { Name = "c", Ports = [new ContainerPort { Name = "web", ContainerPortValue = 8000 + kind, Protocol = "TCP" }] }] } }
            : pod);
    }

    [Fact]
    public void The_trigger_is_the_oldest_change_not_yet_told()
    {
        var triggers = new TriggerTimes();
        Assert.Equal("2026-03-01T12:00:00Z", triggers.Next(Web80, [Pod("a")]));
        Assert.Null(triggers.Next(Web80, [Pod("a")]));
        var later = Pod("b", age: TimeSpan.FromSeconds(-30));
        var latest = Pod("c", age: TimeSpan.FromSeconds(-60));
        Assert.Equal("2026-03-01T12:00:30Z", triggers.Next(Web80, [Pod("a"), latest, later]));
    }
}
