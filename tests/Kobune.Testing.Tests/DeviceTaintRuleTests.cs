using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Resource.V1;
using Kobune.Api.Schema;
using Kobune.Client;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;

namespace Kobune.Testing.Tests;

/// <summary>A whole cluster whose administrator taints devices by rules.</summary>
public sealed class DeviceTaintRuleTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rule_keeps_pods_from_a_device_and_takes_those_away_that_have_it()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Nodes = 1, Features = FeatureGates.Parse(KubernetesVersion.Newest, "DRADeviceTaintRules=true"), Settings = s => s with { Server = server => server with { RuntimeConfig = RuntimeConfig.TryParse("resource.k8s.io/v1beta2")! } } }, Ct);
        await cluster.Client.CreateAsync(new DeviceClass { Metadata = new() { Name = "gpu" } }, Ct);
        var slice = new ResourceSliceSpec { Driver = "gpu.test", AllNodes = true, Pool = new() { Name = "far", Generation = 1, ResourceSliceCount = 1 }, Devices = [new() { Name = "one" }] };
        await cluster.Client.CreateAsync(new ResourceSlice { Metadata = new() { Name = "slice" }, Spec = slice }, Ct);
        var request = new ResourceClaimSpec { Devices = new() { Requests = [new() { Name = "r", Exactly = new() { DeviceClassName = "gpu" } }] } };
        await cluster.Client.CreateAsync(new ResourceClaimTemplate { Metadata = new() { Name = "t", Namespace = "default" }, Spec = new() { Spec = request } }, Ct);
        var rule = await cluster.Client.CreateAsync(Rule("NoSchedule"), Ct);
        Assert.NotNull(rule.Spec.Taint.TimeAdded);

        await cluster.Client.CreateAsync(Pod("p"), Ct);
        await cluster.SeesAsync<Event>("default", e => e.Reason == "FailedScheduling" && e.Message.StartsWith("0/1 nodes are available: 1 cannot allocate all claims.", StringComparison.Ordinal), Ct);
        await cluster.Client.DeleteAsync<DeviceTaintRule>("", "out", null, Ct);
        await cluster.SeesAsync<Pod>("default", p => p.Spec.NodeName.Length > 0, Ct);

        await cluster.Client.CreateAsync(Rule("NoExecute"), Ct);
        await cluster.SeesAsync<Event>("default", e => e.Reason == "DeviceTaintManagerEviction" && e.Message == "Marking for deletion", Ct);
        await cluster.SeesAsync<DeviceTaintRule>("", r => r.Status.Conditions is [{ Type: "EvictionInProgress", Reason: "PodsPendingEviction" or "Completed" }], Ct);
        Assert.Empty(cluster.DeniedRequests);
    }

    private static DeviceTaintRule Rule(string effect) => new()
    {
        Metadata = new() { Name = "out" },
        Spec = new() { DeviceSelector = new() { Driver = "gpu.test", Device = "one" }, Taint = new() { Key = "k", Effect = effect } },
    };

    private static Pod Pod(string name) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new() { Containers = [new() { Name = "c", Image = "i" }], ResourceClaims = [new() { Name = "gpu", ResourceClaimTemplateName = "t" }] },
    };
}
