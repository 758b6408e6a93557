using System.Globalization;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Resource.V1;
using Kobune.Client;
using Kobune.ControllerManager.ResourceClaims;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Claims of devices come from templates and are given back when their pods are done.</summary>
public class ResourceClaimTests
{
    private const string Finalizer = "resource.kubernetes.io/delete-protection";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_gets_the_claim_of_its_template_is_told_its_name_and_takes_it_along()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(Template("t"), Ct);
        await cluster.Admin.CreateAsync(TestPod("p", new PodResourceClaim { Name = "gpu", ResourceClaimTemplateName = "t" }), Ct);
        var claim = Assert.Single(await cluster.Sees<ResourceClaim>("default", "a claim", all => all.Count == 1));
        Assert.StartsWith("p-gpu-", claim.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal(("gpu", "b", "p"), (claim.Metadata.Annotations["resource.kubernetes.io/pod-claim-name"], claim.Metadata.Labels["a"], Assert.Single(claim.Metadata.OwnerReferences).Name));
        await cluster.Sees<Pod>("default", "the name of the claim", all => all is [{ Status.ResourceClaimStatuses: [{ Name: "gpu" } status] }] && status.ResourceClaimName == claim.Metadata.Name);

        await cluster.Admin.DeleteAsync<ResourceClaim>("default", claim.Metadata.Name, null, Ct);
        var again = Assert.Single(await cluster.Sees<ResourceClaim>("default", "another claim", all => all is [var one] && one.Metadata.Uid != claim.Metadata.Uid));
        await AllocateAsync(cluster, again, await cluster.Admin.GetAsync<Pod>("default", "p", Ct));
        await cluster.Admin.PatchAsync<Pod>("default", "p", Patch.Merge(new() { ["status"] = new System.Text.Json.Nodes.JsonObject { ["phase"] = "Succeeded" } }), "status", Ct);
        await cluster.Sees<ResourceClaim>("default", "no claim", all => all.Count == 0);
    }

    [Fact]
    public async Task A_claim_of_its_own_is_given_back_by_its_last_pod_and_stays()
    {
        await using var cluster = await TestCluster.StartAsync();
        var claim = await cluster.Admin.CreateAsync(new ResourceClaim { Metadata = new ObjectMeta { Name = "c", Namespace = "default" }, Spec = Spec }, Ct);
        var pod = await cluster.Admin.CreateAsync(TestPod("p", new PodResourceClaim { Name = "gpu", ResourceClaimName = "c" }), Ct);
        await AllocateAsync(cluster, claim, pod);
        await cluster.Sees<ResourceClaim>("default", "an allocated claim", all => all is [{ Status: { Allocation: not null, ReservedFor.Count: 1 }, Metadata.Finalizers.Count: 1 }]);
        await cluster.Admin.DeleteAsync<Pod>("default", "p", new DeleteOptions { GracePeriodSeconds = 0 }, Ct);
        await cluster.Sees<ResourceClaim>("default", "a free claim", all => all is [{ Status: { Allocation: null, ReservedFor.Count: 0 }, Metadata.Finalizers.Count: 0 }]);
    }

    [Fact]
    public async Task A_claim_that_a_pod_knows_by_its_extended_resources_alone_is_given_back_when_the_pod_is_gone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var claim = await cluster.Admin.CreateAsync(new ResourceClaim { Metadata = new ObjectMeta { Name = "c", Namespace = "default" }, Spec = Spec }, Ct);
        var wanted = new Dictionary<string, Quantity> { ["example.com/gpu"] = new(1) };
        var container = new Container { Name = "c", Image = "i", Resources = new() { Requests = wanted, Limits = wanted } };
        var pod = await cluster.Admin.CreateAsync(new Pod { Metadata = new ObjectMeta { Name = "p", Namespace = "default" }, Spec = new() { SchedulerName = "none", Containers = [container] } }, Ct);
        const string Status = """{"status":{"extendedResourceClaimStatus":{"resourceClaimName":"c","requestMappings":[{"containerName":"c","resourceName":"example.com/gpu","requestName":"r"}]}}}""";
        await cluster.Admin.PatchAsync<Pod>("default", "p", Patch.Merge(System.Text.Json.Nodes.JsonNode.Parse(Status)!.AsObject()), "status", Ct);
        await AllocateAsync(cluster, claim, pod);
        await cluster.Sees<ResourceClaim>("default", "an allocated claim", all => all is [{ Status: { Allocation: not null, ReservedFor.Count: 1 } }]);
        await cluster.Admin.DeleteAsync<Pod>("default", "p", new DeleteOptions { GracePeriodSeconds = 0 }, Ct);
        await cluster.Sees<ResourceClaim>("default", "a free claim", all => all is [{ Status: { Allocation: null, ReservedFor.Count: 0 } }]);
    }

    [Fact]
    public async Task A_pod_without_its_template_is_told_so_and_served_when_it_comes()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(TestPod("p", new PodResourceClaim { Name = "gpu", ResourceClaimTemplateName = "t" }), Ct);
        await cluster.Sees<Event>("default", "an event", all => all.Any(e => e.Reason == "FailedResourceClaimCreation"
            && e.Message == "PodResourceClaim gpu: resource claim template \"t\": resourceclaimtemplate.resource.k8s.io \"t\" not found"));
        await cluster.Admin.CreateAsync(Template("t"), Ct);
        await cluster.Sees<ResourceClaim>("default", "a claim", all => all.Count == 1);
    }

    [Fact]
    public async Task A_claim_that_is_allocated_late_is_reserved_for_a_pod_that_has_a_node_already()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(new ResourceClaim { Metadata = new ObjectMeta { Name = "c", Namespace = "default" }, Spec = Spec }, Ct);
        await cluster.Admin.CreateAsync(TestPod("p", new PodResourceClaim { Name = "gpu", ResourceClaimName = "c" }), Ct);
        var pod = Assert.Single(await cluster.Sees<Pod>("default", "a running pod", all => all is [{ Status.Phase: PodPhase.Running }]));
        await AllocateAsync(cluster, await cluster.Admin.GetAsync<ResourceClaim>("default", "c", Ct), null);
        await cluster.Sees<ResourceClaim>("default", "a claim reserved for the pod", all => all is [{ Status.ReservedFor: [{ Resource: "pods" } consumer] }] && consumer.Uid == pod.Metadata.Uid);
    }

    [Fact]
    public async Task A_pod_leaves_a_device_whose_taint_it_does_not_tolerate()
    {
        await using var cluster = await TestCluster.StartAsync();
        var claim = await cluster.Admin.CreateAsync(new ResourceClaim { Metadata = new ObjectMeta { Name = "c", Namespace = "default" }, Spec = Spec }, Ct);
        var pod = await cluster.Admin.CreateAsync(TestPod("p", new PodResourceClaim { Name = "gpu", ResourceClaimName = "c" }), Ct);
        await AllocateAsync(cluster, claim, pod);
        await cluster.Sees<Pod>("default", "a running pod", all => all is [{ Status.Phase: "Running" }]);
        var slice = new ResourceSlice
        {
            Metadata = new ObjectMeta { Name = "s" },
            Spec = new() { Driver = "gpu.test", NodeName = "n", Pool = new() { Name = "n", Generation = 1, ResourceSliceCount = 1 }, Devices = [new() { Name = "d", Taints = [new() { Key = "k", Effect = "NoSchedule" }] }] },
        };
        slice = await cluster.Admin.CreateAsync(slice, Ct);
        await cluster.Admin.UpdateAsync(slice with { Spec = slice.Spec with { Devices = [new() { Name = "d", Taints = [new() { Key = "k", Effect = "NoExecute" }] }] } }, Ct);
        await cluster.Sees<Event>("default", "the event", all => all.Any(e => e.Reason == "DeviceTaintManagerEviction" && e.Message == "Marking for deletion" && e.InvolvedObject.Name == "p"));
        await cluster.Sees<Pod>("default", "no pod", all => all.Count == 0);
    }

    [Theory]
    [InlineData("NoSchedule", "", null)]
    [InlineData("NoExecute", "", 0L)]
    [InlineData("NoExecute", "other:NoExecute", 0L)]
    [InlineData("NoExecute", "k:NoExecute", null)]
    [InlineData("NoExecute", "k:NoExecute:30", 30L)]
    [InlineData("NoExecute", "k:NoExecute:-5", 0L)]
    [InlineData("NoExecute", "k:NoExecute:30 k:NoExecute:10", 10L)] // the shortest counts
    [InlineData("NoExecute", "k:NoExecute:30 k:NoExecute", null)] // unless one is for ever
    [InlineData("NoExecute", "k:", 0L)] // one for all effects is only for being placed
    [InlineData("NoExecute", "k:NoSchedule", 0L)]
    public void A_device_is_left_when_its_taint_is_tolerated_no_longer(string effect, string tolerated, long? after)
    {
        IReadOnlyList<DeviceToleration> tolerations = [.. tolerated.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split(':')).Select(
            t => new DeviceToleration { Key = t[0], Operator = "Exists", Effect = t[1], TolerationSeconds = t.Length > 2 ? long.Parse(t[2], CultureInfo.InvariantCulture) : null })];
        var at = Api.Resources.DeviceTaints.LeaveAt([new() { Key = "k", Effect = effect, TimeAdded = DateTimeOffset.UnixEpoch }], tolerations);
        Assert.Equal(after is { } later ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(later) : null, at);
    }

    [Fact]
    public void Long_names_are_cut_alike()
    {
        Assert.Equal("p-gpu-", PodClaimsReconciler.GenerateName("p", "gpu"));
        var name = PodClaimsReconciler.GenerateName(new string('p', 60), new string('c', 30));
        Assert.Equal($"{new string('p', 37)}-{new string('c', 18)}", name);
    }

    private static ResourceClaimSpec Spec => new() { Devices = new() { Requests = [new() { Name = "r", Exactly = new() { DeviceClassName = "gpu" } }] } };

    private static ResourceClaimTemplate Template(string name) =>
        new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Spec = new() { Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["a"] = "b" } }, Spec = Spec } };

    private static Pod TestPod(string name, PodResourceClaim claim) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new() { SchedulerName = "none", ResourceClaims = [claim], Containers = [new Container { Name = "c", Image = "i" }] },
    };

    /// <summary>As the scheduler does it.</summary>
    private static async Task AllocateAsync(TestCluster cluster, ResourceClaim claim, Pod? pod)
    {
        claim = await cluster.Admin.UpdateAsync(claim with { Metadata = claim.Metadata with { Finalizers = [Finalizer] } }, Ct);
        var allocation = new AllocationResult { Devices = new() { Results = [new() { Request = "r", Driver = "gpu.test", Pool = "n", Device = "d" }] } };
        await cluster.Admin.UpdateStatusAsync(claim with { Status = new() { Allocation = allocation, ReservedFor = pod is null ? [] : [new() { Resource = "pods", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid }] } }, Ct);
    }
}
