using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Scheduler.Devices;

namespace Kobune.Scheduler.Tests.Allocation;

/// <summary>What is claimed for which container.</summary>
public class ExtendedPlanTests
{
    private const string Gpu = "example.com/gpu";

    /// <summary>Containers "name[!+]:resource=count,...", an init container with "!", a sidecar with "+"; then requests "name=class*count" and mappings "container/resource>request".</summary>
    public static TheoryData<string, string, string> Plans => new()
    {
        { "a:example.com/gpu=2", "container-0-request-0=gpu*2", "a/gpu>container-0-request-0" },
        { "a:cpu=1,example.com/gpu=2,memory=1", "container-0-request-1=gpu*2", "a/gpu>container-0-request-1" },
        { "a:example.com/gpu=0 b:example.com/gpu=1", "container-1-request-0=gpu*1", "b/gpu>container-1-request-0" },
        { "a:example.com/fpga=1,example.com/gpu=1", "container-0-request-0=fpga*1 container-0-request-1=gpu*1", "a/fpga>container-0-request-0 a/gpu>container-0-request-1" },
        { "a:example.com/other=1,example.com/gpu=1", "container-0-request-0=gpu*1", "a/gpu>container-0-request-0" },

        // An init container that ends uses what a later container has,
        { "i!:example.com/gpu=1 a:example.com/gpu=2", "container-1-request-0=gpu*2", "a/gpu>container-1-request-0 i/gpu>container-1-request-0" },
        { "i!:example.com/gpu=3 a:example.com/gpu=1 b:example.com/gpu=1", "container-0-request-0=gpu*1 container-1-request-0=gpu*1 container-2-request-0=gpu*1", "a/gpu>container-1-request-0 b/gpu>container-2-request-0 i/gpu>container-1-request-0 i/gpu>container-2-request-0 i/gpu>container-0-request-0" },

        // but not that of a sidecar which runs already;
        { "s+:example.com/gpu=2 i!:example.com/gpu=1", "container-0-request-0=gpu*2 container-1-request-0=gpu*1", "s/gpu>container-0-request-0 i/gpu>container-1-request-0" },

        // and all of them share the largest of what they need beyond that.
        { "i!:example.com/gpu=1 j!:example.com/gpu=3 k!:example.com/gpu=2", "container-1-request-0=gpu*3", "i/gpu>container-1-request-0 j/gpu>container-1-request-0 k/gpu>container-1-request-0" },
    };

    [Theory, MemberData(nameof(Plans))]
    public void Containers_get_requests(string containers, string requests, string mappings)
    {
        var all = containers.Split(' ').Select(Parse).ToList();
        var spec = new PodSpec { InitContainers = [.. all.Where(c => c.IsInit).Select(c => c.Container)], Containers = [.. all.Where(c => !c.IsInit).Select(c => c.Container)] };
        var plan = ExtendedPlan.Of(spec, [(Gpu, "gpu"), ("example.com/fpga", "fpga")]);
        Assert.Equal(requests, string.Join(' ', plan.Requests.Select(r => $"{r.Name}={r.Exactly!.DeviceClassName}*{r.Exactly.Count}")));
        Assert.All(plan.Requests, r => Assert.Equal("ExactCount", r.Exactly!.AllocationMode));
        Assert.Equal(mappings.Split(' ').Order(), plan.Mappings.Select(m => $"{m.ContainerName}/{m.ResourceName.Split('/')[1]}>{m.RequestName}").Order());
    }

    private static (bool IsInit, Container Container) Parse(string text)
    {
        var (name, resources) = (text.Split(':')[0], text.Split(':')[1].Split(',').Select(r => r.Split('=')).ToDictionary(r => r[0], r => Quantity.Parse(r[1])));
        var container = new Container { Name = name.TrimEnd('!', '+'), RestartPolicy = name.EndsWith('+') ? "Always" : null, Resources = new() { Requests = resources } };
        return (name.EndsWith('!') || name.EndsWith('+'), container);
    }
}
