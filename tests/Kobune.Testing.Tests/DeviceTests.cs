using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Client;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Testing.Tests;

/// <summary>Devices of a whole cluster: published, claimed by templates, given by the scheduler and given back.</summary>
public sealed class DeviceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_goes_from_pod_to_pod()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Nodes = 2 }, Ct);
        var node = (await cluster.SeesAsync<Node>("", _ => true, Ct)).Metadata.Name;
        await cluster.Client.CreateAsync(new DeviceClass { Metadata = new() { Name = "gpu" }, Spec = new() { Selectors = [new() { CEL = new() { Expression = "device.driver == 'gpu.test'" } }] } }, Ct);
        await cluster.Client.CreateAsync(
            new ResourceSlice
            {
                Metadata = new() { Name = "slice" },
                Spec = new() { Driver = "gpu.test", NodeName = node, Pool = new() { Name = node, Generation = 1, ResourceSliceCount = 1 }, Devices = [new() { Name = "one" }] },
            },
            Ct);
        var claims = new ResourceClaimSpec { Devices = new() { Requests = [new() { Name = "r", Exactly = new() { DeviceClassName = "gpu" } }] } };
        await cluster.Client.CreateAsync(new ResourceClaimTemplate { Metadata = new() { Name = "t", Namespace = "default" }, Spec = new() { Spec = claims } }, Ct);

        await cluster.Client.CreateAsync(Pod("first"), Ct);
        var first = await cluster.SeesAsync<Pod>("default", p => p.Metadata.Name == "first" && p.Spec.NodeName.Length > 0, Ct);
        Assert.Equal(node, first.Spec.NodeName);
        var claim = Assert.Single((await cluster.Client.ListAsync<ResourceClaim>("default", null, Ct)).Items);
        var result = Assert.Single(claim.Status.Allocation!.Devices.Results);
        Assert.Equal(("r", "gpu.test", node, "one"), (result.Request, result.Driver, result.Pool, result.Device));
        Assert.Equal((first.Metadata.Uid, "resource.kubernetes.io/delete-protection"), (Assert.Single(claim.Status.ReservedFor).Uid, Assert.Single(claim.Metadata.Finalizers)));

        await cluster.Client.CreateAsync(Pod("second"), Ct);
        var waiting = await cluster.SeesAsync<Pod>("default", p => p.Metadata.Name == "second" && p.Status.Conditions.Any(c => c is { Type: "PodScheduled", Status: "False" }), Ct);
        Assert.Contains("cannot allocate all claims", waiting.Status.Conditions.Single(c => c.Type == "PodScheduled").Message, StringComparison.Ordinal);
        await cluster.Client.DeleteAsync<Pod>("default", "first", new() { GracePeriodSeconds = 0 }, Ct);
        await cluster.SeesAsync<Pod>("default", p => p.Metadata.Name == "second" && p.Spec.NodeName == node, Ct);
        Assert.Empty(cluster.DeniedRequests);
    }

    [Theory]
    [InlineData("Attached")]
    [InlineData("Broken")]
    public async Task A_pod_waits_for_its_driver_and_gets_another_device_when_that_fails(string condition)
    {
        await using var cluster = await TestCluster.StartAsync(new() { Nodes = 1 }, Ct);
        await cluster.Client.CreateAsync(new DeviceClass { Metadata = new() { Name = "gpu" } }, Ct);
        var device = new Device { Name = "one", BindsToNode = true, BindingConditions = ["Attached"], BindingFailureConditions = ["Broken"] };
        var spec = new ResourceSliceSpec { Driver = "gpu.test", AllNodes = true, Pool = new() { Name = "far", Generation = 1, ResourceSliceCount = 1 }, Devices = [device] };
        await cluster.Client.CreateAsync(new ResourceSlice { Metadata = new() { Name = "slice" }, Spec = spec }, Ct);
        var request = new ResourceClaimSpec { Devices = new() { Requests = [new() { Name = "r", Exactly = new() { DeviceClassName = "gpu" } }] } };
        await cluster.Client.CreateAsync(new ResourceClaimTemplate { Metadata = new() { Name = "t", Namespace = "default" }, Spec = new() { Spec = request } }, Ct);
        await cluster.Client.CreateAsync(Pod("p"), Ct);
        await cluster.SeesAsync<Event>("default", e => e.Reason == "BindingConditionsPending" && e.Message.StartsWith("waiting for binding conditions for device on node ", StringComparison.Ordinal), Ct);
        var first = await cluster.SeesAsync<ResourceClaim>("default", c => c.Status.Allocation is not null, Ct);
        await SayAsync(cluster, first, condition);
        if (condition == "Broken")
        {
            await cluster.SeesAsync<Event>("default", e => e.Reason == "FailedScheduling" && e.Message == $"claim {first.Metadata.Name} binding failed: reason=Driver, message=\"so\"", Ct);
            var second = await cluster.SeesAsync<ResourceClaim>("default", c => c.Status is { Allocation: not null, Devices.Count: 0, ReservedFor.Count: 1 }, Ct);
            await SayAsync(cluster, second, "Attached");
        }

        await cluster.SeesAsync<Pod>("default", p => p.Spec.NodeName.Length > 0, Ct);
        Assert.Empty(cluster.DeniedRequests);
    }

    /// <summary>As a driver does it.</summary>
    private static async Task SayAsync(TestCluster cluster, ResourceClaim claim, string condition)
    {
        var status = new AllocatedDeviceStatus
        {
            Driver = "gpu.test",
            Pool = "far",
            Device = "one",
            Conditions = [new() { Type = condition, Status = "True", Reason = "Driver", Message = "so", LastTransitionTime = DateTimeOffset.UnixEpoch }],
        };
        await cluster.Client.UpdateStatusAsync(claim with { Status = claim.Status with { Devices = [status] } }, Ct);
    }

    private static Pod Pod(string name) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new()
        {
            ResourceClaims = [new() { Name = "gpu", ResourceClaimTemplateName = "t" }],
            Containers = [new() { Name = "c", Image = "i", Resources = new() { Claims = [new() { Name = "gpu" }] } }],
        },
    };
}
