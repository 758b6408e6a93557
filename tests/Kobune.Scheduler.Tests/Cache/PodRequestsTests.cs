using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.Tests.Cache;

public class PodRequestsTests
{
    private const string Always = ContainerRestartPolicy.Always;

    private static readonly Case[] Cases =
    [
        new("containers add up", new() { Containers = [Objects.Container("100m", "1Mi"), Objects.Container("250m")] }, 350, 1),
        new("a larger init container counts instead", new() { InitContainers = [Objects.Container("1", "1Mi")], Containers = [Objects.Container("100m", "2Mi")] }, 1000, 2),
        new("init containers do not add up", new() { InitContainers = [Objects.Container("1"), Objects.Container("2")], Containers = [Objects.Container("100m")] }, 2000, 0),
        new("sidecars add to the containers", new() { InitContainers = [Objects.Container("1", "", Always)], Containers = [Objects.Container("500m")] }, 1500, 0),
        new(
            "an init container runs beside the sidecars before it",
            new() { InitContainers = [Objects.Container("1", "", Always), Objects.Container("2"), Objects.Container("1", "", Always)], Containers = [Objects.Container("500m")] },
            3000,
            0),
        new("the overhead is added at last", new() { Containers = [Objects.Container("500m")], Overhead = Objects.Requests("50m", "3Mi") }, 550, 3),
        new("pod-level requests stand for the containers'", new() { Containers = [Objects.Container("500m", "1Mi")], Resources = new() { Requests = Objects.Requests("2") } }, 2000, 1),
        new("nothing asked is nothing", new() { Containers = [Objects.Container()] }, 0, 0),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Sum(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var requests = PodRequests.Of(new Pod { Spec = c.Spec });
        Assert.Equal((c.MilliCpu, c.MebiBytes), (requests.MilliCpu, requests.Memory >> 20));
    }

    [Fact]
    public void Scoring_takes_defaults_for_containers_that_ask_for_nothing()
    {
        var requests = PodRequests.NonZero(new Pod { Spec = new() { Containers = [Objects.Container(), Objects.Container("1")] } });
        Assert.Equal((1100, 400), (requests.MilliCpu, requests.Memory >> 20));
        var podLevel = PodRequests.NonZero(new Pod { Spec = new() { Containers = [Objects.Container()], Resources = new() { Requests = Objects.Requests("2") } } });
        Assert.Equal((2000, 200), (podLevel.MilliCpu, podLevel.Memory >> 20));
    }

    [Fact]
    public void Resize_under_way_counts_the_largest()
    {
        var pod = Objects.Pod("a", "1");
        pod = pod with { Status = pod.Status with { ContainerStatuses = [new() { Name = "c", AllocatedResources = Objects.Requests("2") }] } };
        Assert.Equal(2000, PodRequests.Of(pod).MilliCpu);
    }

    [Fact]
    public void Extended_resources_count_whole()
    {
        var pod = Objects.Pod("a").With(spec => spec with
        {
            Containers = [new() { Name = "c", Resources = new() { Requests = new Dictionary<string, Quantity> { ["example.com/gpu"] = new Quantity(2), ["hugepages-2Mi"] = Quantity.Parse("4Mi") } } }],
        });
        var requests = PodRequests.Of(pod);
        Assert.Equal((2, 4 << 20), (requests.Scalar("example.com/gpu"), requests.Scalar("hugepages-2Mi")));
    }

    private sealed record Case(string Name, PodSpec Spec, long MilliCpu, long MebiBytes);
}
