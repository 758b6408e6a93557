using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Client;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Testing.Tests;

/// <summary>Pods that ask for "example.com/gpu" in a whole cluster whose nodes have devices of a class instead.</summary>
public sealed class ExtendedResourceTests
{
    private const string Gpu = "example.com/gpu";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Gpu)]
    [InlineData("deviceclass.resource.kubernetes.io/gpu")]
    public async Task A_pod_that_asks_for_a_resource_gets_a_device_by_a_claim_of_the_schedulers(string resource)
    {
        await using var cluster = await WithDeviceAsync();
        await cluster.Client.CreateAsync(Pod("first", resource), Ct);
        var first = await cluster.SeesAsync<Pod>("default", p => p.Metadata.Name == "first" && p.Spec.NodeName.Length > 0, Ct);
        var claim = Assert.Single((await cluster.Client.ListAsync<ResourceClaim>("default", null, Ct)).Items);
        Assert.StartsWith("first-extended-resources-", claim.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal("true", claim.Metadata.Annotations["resource.kubernetes.io/extended-resource-claim"]);
        var owner = Assert.Single(claim.Metadata.OwnerReferences);
        Assert.Equal(("v1", "Pod", "first", first.Metadata.Uid, true), (owner.APIVersion, owner.Kind, owner.Name, owner.Uid, owner.Controller));
        Assert.Equal(("container-0-request-1", "one"), (Assert.Single(claim.Status.Allocation!.Devices.Results).Request, claim.Status.Allocation.Devices.Results[0].Device));
        Assert.Equal(first.Metadata.Uid, Assert.Single(claim.Status.ReservedFor).Uid);
        var status = first.Status.ExtendedResourceClaimStatus!;
        Assert.Equal(claim.Metadata.Name, status.ResourceClaimName);
        Assert.Equal(new ContainerExtendedResourceRequest { ContainerName = "c", ResourceName = resource, RequestName = "container-0-request-1" }, Assert.Single(status.RequestMappings));

        // The device is one, and goes from pod to pod.
        await cluster.Client.CreateAsync(Pod("second", resource), Ct);
        var waiting = await cluster.SeesAsync<Pod>("default", p => p.Metadata.Name == "second" && p.Status.Conditions.Any(c => c is { Type: "PodScheduled", Status: "False" }), Ct);
        Assert.Contains("cannot allocate all claims", waiting.Status.Conditions.Single(c => c.Type == "PodScheduled").Message, StringComparison.Ordinal);
        await cluster.Client.DeleteAsync<Pod>("default", "first", new() { GracePeriodSeconds = 0 }, Ct);
        await cluster.SeesAsync<Pod>("default", p => p.Metadata.Name == "second" && p.Spec.NodeName == first.Spec.NodeName, Ct);
        Assert.Empty(cluster.DeniedRequests);
    }

    [Fact]
    public async Task A_class_that_comes_later_lets_its_pods_run()
    {
        await using var cluster = await WithDeviceAsync(isBacked: false);
        await cluster.Client.CreateAsync(Pod("p", Gpu), Ct);
        await cluster.SeesAsync<Pod>("default", p => p.Status.Conditions.Any(c => c.Type == "PodScheduled" && c.Message.Contains("Insufficient example.com/gpu", StringComparison.Ordinal)), Ct);
        var known = await cluster.Client.GetAsync<DeviceClass>("", "gpu", Ct);
        await cluster.Client.UpdateAsync(known with { Spec = known.Spec with { ExtendedResourceName = Gpu } }, Ct);
        await cluster.SeesAsync<Pod>("default", p => p.Spec.NodeName.Length > 0, Ct);
    }

    [Fact]
    public async Task A_claim_that_cannot_be_written_as_a_whole_is_deleted_again_and_another_is_made()
    {
        await using var cluster = await WithDeviceAsync();
        await cluster.Client.CreateAsync(
            new ValidatingAdmissionPolicy
            {
                Metadata = new() { Name = "no-status" },
                Spec = new()
                {
                    MatchConstraints = new() { ResourceRules = [new() { APIGroups = [""], APIVersions = ["v1"], Resources = ["pods/status"], Operations = ["UPDATE"] }] },
                    Validations = [new() { Expression = "object.metadata.name != 'probe' && !has(object.status.extendedResourceClaimStatus)", Message = "not now" }],
                },
            },
            Ct);
        await cluster.Client.CreateAsync(
            new ValidatingAdmissionPolicyBinding { Metadata = new() { Name = "no-status" }, Spec = new() { PolicyName = "no-status", ValidationActions = ["Deny"] } }, Ct);
        await InForceAsync(cluster);
        await cluster.Client.CreateAsync(Pod("p", Gpu), Ct);
        await cluster.SeesAsync<Event>("default", e => e.Reason == "FailedScheduling" && e.Message.Contains("not now", StringComparison.Ordinal), Ct);
        await cluster.Client.DeleteAsync<ValidatingAdmissionPolicyBinding>("", "no-status", null, Ct);
        var pod = await cluster.SeesAsync<Pod>("default", p => p.Spec.NodeName.Length > 0, Ct);
        var claim = Assert.Single((await cluster.Client.ListAsync<ResourceClaim>("default", null, Ct)).Items);
        Assert.Equal(claim.Metadata.Name, pod.Status.ExtendedResourceClaimStatus!.ResourceClaimName);
    }

    [Fact]
    public async Task A_pod_that_has_ended_gives_its_devices_back_and_a_quota_counts_them_once()
    {
        await using var cluster = await WithDeviceAsync();
        var hard = new Dictionary<string, Quantity> { ["requests." + Gpu] = new(1), ["gpu.deviceclass.resource.k8s.io/devices"] = new(1) };
        await cluster.Client.CreateAsync(new ResourceQuota { Metadata = new() { Name = "q", Namespace = "default" }, Spec = new() { Hard = hard } }, Ct);
        await cluster.Client.CreateAsync(Pod("p", Gpu), Ct);
        await cluster.SeesAsync<Pod>("default", p => p.Spec.NodeName.Length > 0, Ct);
        await cluster.SeesAsync<ResourceQuota>("default", q => hard.All(h => q.Status.Used.TryGetValue(h.Key, out var used) && used == h.Value), Ct);
        var refusal = await Assert.ThrowsAnyAsync<ApiException>(() => cluster.Client.CreateAsync(Pod("q", Gpu), Ct));
        Assert.Contains("exceeded quota: q, requested: requests.example.com/gpu=1, used: requests.example.com/gpu=1", refusal.Message, StringComparison.Ordinal);
        await cluster.Client.PatchAsync<Pod>("default", "p", Patch.Merge(new() { ["status"] = new JsonObject { ["phase"] = "Succeeded" } }), "status", Ct);
        await cluster.SeesAsync<ResourceQuota>("default", q => hard.Keys.All(h => q.Status.Used.TryGetValue(h, out var used) && used.IsZero), Ct);
        Assert.Empty((await cluster.Client.ListAsync<ResourceClaim>("default", null, Ct)).Items);
    }

    /// <summary>A policy holds some time after it is made: a pod of which it lets no status be written tells when.</summary>
    private static async Task InForceAsync(TestCluster cluster)
    {
        await cluster.Client.CreateAsync(new Pod { Metadata = new() { Name = "probe", Namespace = "default" }, Spec = new() { SchedulingGates = [new() { Name = "example.com/stay" }], Containers = [new() { Name = "c", Image = "i" }] } }, Ct);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await cluster.Client.PatchAsync<Pod>("default", "probe", Patch.Merge(new() { ["status"] = new JsonObject { ["message"] = $"attempt {attempt}" } }), "status", patience.Token);
            }
            catch (ApiException e) when (e.Message.Contains("not now", StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private static async Task<TestCluster> WithDeviceAsync(bool isBacked = true)
    {
        var cluster = await TestCluster.StartAsync(new() { Nodes = 2 }, Ct);
        var node = (await cluster.SeesAsync<Node>("", _ => true, Ct)).Metadata.Name;
        await cluster.Client.CreateAsync(new DeviceClass { Metadata = new() { Name = "gpu" }, Spec = new() { ExtendedResourceName = isBacked ? Gpu : null } }, Ct);
        var spec = new ResourceSliceSpec { Driver = "gpu.test", NodeName = node, Pool = new() { Name = node, Generation = 1, ResourceSliceCount = 1 }, Devices = [new() { Name = "one" }] };
        await cluster.Client.CreateAsync(new ResourceSlice { Metadata = new() { Name = "slice" }, Spec = spec }, Ct);
        return cluster;
    }

    private static Pod Pod(string name, string resource)
    {
        var wanted = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("10m"), [resource] = new(1) };
        return new() { Metadata = new() { Name = name, Namespace = "default" }, Spec = new() { Containers = [new() { Name = "c", Image = "i", Resources = new() { Requests = wanted, Limits = wanted } }] } };
    }
}
