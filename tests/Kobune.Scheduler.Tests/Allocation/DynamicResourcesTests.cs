using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Devices;
using Kobune.Scheduler.Framework;
using static Kobune.Scheduler.Tests.Allocation.Gpus;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Tests.Allocation;

/// <summary>What the plugin says of nodes.</summary>
public class DynamicResourcesTests
{
    [Fact]
    public void A_pod_fits_where_the_devices_are()
    {
        var cluster = Cluster([Claim("c")], [Slice("a", Device("x"))]);
        Assert.Equal(("", "cannot allocate all claims"), (cluster.Reasons(Pod("c"))["a"], cluster.Reasons(Pod("c"))["b"]));
        Assert.Equal("a,b", cluster.Fitting(Objects.Pod("plain")));
    }

    [Fact]
    public void An_allocated_claim_keeps_its_pods_on_its_nodes_and_is_given_back_when_nobody_else_uses_it()
    {
        var has = Has("x") with { NodeSelector = new() { NodeSelectorTerms = [new() { MatchFields = [Objects.Requirement("metadata.name", "In", "gone")] }] } };
        var cluster = Cluster([Claim("c") with { Status = new() { Allocation = has } }], []);
        Assert.Equal("resourceclaim not available on the node", cluster.Reasons(Pod("c"))["a"]);
        var (result, message) = cluster.Reject(Pod("c"));
        Assert.NotNull(result.Work);
        Assert.StartsWith("0/2 nodes are available: 2 resourceclaim not available on the node. deallocation of ResourceClaim completed, preemption: 0/2 nodes are available", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sentence_of_a_pod_that_gets_no_devices_is_upstreams()
    {
        var (result, message) = Cluster([Claim("c")], []).Reject(Pod("c"));
        Assert.Null(result.Work);
        Assert.Equal("0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.", message);
    }

    [Fact]
    public void Pools_that_contradict_themselves_are_told_of_their_nodes()
    {
        var (_, message) = Cluster([Claim("c")], [Slice("a", Device("x"), Device("x"))]).Reject(Pod("c"));
        Assert.StartsWith("0/2 nodes are available: 1 cannot allocate all claims, 1 invalid resource pools were encountered. still not schedulable", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_whose_claims_are_not_there_does_not_enter_the_queue()
    {
        var framework = Cluster([Claim("c"), Claim("foreign")], []).Framework;
        Assert.Null(framework.PreEnqueue(Pod("c")));
        Assert.Equal("resourceclaim.resource.k8s.io \"d\" not found", framework.PreEnqueue(Pod("d"))!.Message);
        Assert.Equal("pod \"default/p\": ResourceClaim not created yet", framework.PreEnqueue(Templated(null))!.Message);
        Assert.Equal("ResourceClaim default/foreign was not created for Pod default/p (Pod is not owner)", framework.PreEnqueue(Templated("foreign"))!.Message);
    }

    [Fact]
    public void A_missing_class_and_a_claim_in_use_are_told_before_any_node()
    {
        Assert.Equal("request r: device class gpu does not exist", PreFilter(Cluster([Claim("c")], [], classes: []), "c"));
        var full = Claim("c") with { Status = new() { Allocation = Has("x"), ReservedFor = [.. Enumerable.Range(0, 256).Select(i => new ResourceClaimConsumerReference { Uid = $"{i}" })] } };
        Assert.Equal("resourceclaim in use", PreFilter(Cluster([full], []), "c"));
    }

    [Fact]
    public async Task What_is_reserved_for_one_pod_is_not_given_to_the_next()
    {
        var cluster = Cluster([Claim("c"), Claim("d")], [Slice("a", Device("x"))]);
        cluster.Cache.Update(cluster.Snapshot);
        var (framework, state, pod) = (cluster.Framework, new CycleState(), new PodInfo(Pod("c")));
        Assert.Null(framework.PreFilter(state, pod, out _, out _));
        Assert.Null(framework.Filter(state, pod, cluster.Snapshot.Nodes.Single(n => n.Name == "a")));
        Assert.Null(framework.Reserve(state, pod, "a"));
        Assert.Equal("cannot allocate all claims", cluster.Reasons(Pod("d"))["a"]);
        Assert.Equal("resource claim default/c is in the process of being allocated", PreFilter(cluster, "c"));
        await framework.UnreserveAsync(state, pod, "a", TestContext.Current.CancellationToken);
        Assert.Equal("", cluster.Reasons(Pod("d"))["a"]);
    }

    [Fact]
    public void A_result_says_node_configuration_and_part()
    {
        var deviceClass = Class() with { Spec = new() { Config = [new() { Opaque = new() { Driver = Driver } }] } };
        var claim = Claim("c");
        var wish = new ClaimWish(claim, [DeviceWish.Of(claim.Spec.Devices.Requests[0], _ => deviceClass, out _)]);
        var slices = new[] { Slice("n", Device("a", "\"allowMultipleAllocations\":true,\"capacity\":{\"memory\":{\"value\":\"10Gi\"}}")) };
        var chosen = new DeviceAllocator([wish], DeviceUse.Of([]), new(), DevicePool.Of(slices, Objects.Node("n"))).Allocate()!;
        var made = Assert.Single(AllocationWriter.Write([wish], chosen, "n", TimeProvider.System));
        var result = Assert.Single(made.Devices.Results);
        Assert.Equal(("r", Driver, "n", "a", "10Gi"), (result.Request, result.Driver, result.Pool, result.Device, result.ConsumedCapacity["memory"].ToString()));
        Assert.NotNull(result.ShareID);
        Assert.Equal(("FromClass", "r"), (Assert.Single(made.Devices.Config).Source, made.Devices.Config[0].Requests[0]));
        Assert.Equal(("metadata.name", "n"), (made.NodeSelector!.NodeSelectorTerms[0].MatchFields[0].Key, made.NodeSelector.NodeSelectorTerms[0].MatchFields[0].Values[0]));
    }

    [Fact]
    public void Devices_that_failed_or_had_their_time_are_given_back()
    {
        var failing = Waiting("Broken") with { Spec = Claim("c").Spec };
        Assert.Equal("resourceclaim not available on the node", Cluster([failing], []).Reasons(Pod("c"))["a"]);
        var (result, message) = Cluster([failing], []).Reject(Pod("c"));
        Assert.NotNull(result.Work);
        Assert.StartsWith("0/2 nodes are available: 2 resourceclaim not available on the node. deallocation of ResourceClaim completed", message, StringComparison.Ordinal);

        var cluster = Cluster([Waiting("")], []);
        Assert.Equal("", cluster.Reasons(Pod("c"))["a"]);
        cluster.Time.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal("resourceclaim not available on the node", cluster.Reasons(Pod("c"))["a"]);
    }

    [Theory]
    [InlineData("a=x b=y", 100, 75)] // of eight alternatives the first counts eight, the third six
    [InlineData("b=y", 0, 100)]
    public void The_node_that_has_the_better_alternative_is_better(string devices, long a, long b)
    {
        const string Alternatives = """{"requests":[{"name":"r","firstAvailable":[{"name":"1","deviceClassName":"x","allocationMode":"ExactCount","count":1},{"name":"2","deviceClassName":"none","allocationMode":"ExactCount","count":1},{"name":"3","deviceClassName":"y","allocationMode":"ExactCount","count":1}]}]}""";
        var slices = devices.Split(' ').Select(d => Slice(d.Split('=')[0], Device(d.Split('=')[1], $$""" "attributes":{"kind":{"string":"{{d.Split('=')[1]}}"} } """))).ToArray();
        var classes = new[] { "x", "y", "none" }.Select(c => Class(c, $"device.attributes['{Driver}'].kind == '{c}'")).ToArray();
        var cluster = Cluster([Claim("c", devices: Alternatives)], slices, classes);
        cluster.Cache.Update(cluster.Snapshot);
        var (plugins, state, pod) = (cluster.Plugins, new CycleState(), new PodInfo(Pod("c")));
        var plugin = (DynamicResources)plugins.Single(p => p.Plugin is DynamicResources).Plugin;
        Assert.Null(plugin.PreFilter(state, pod, out _));
        foreach (var node in cluster.Snapshot.Nodes)
        {
            plugin.Filter(state, pod, node);
        }

        long[] scores = [plugin.Score(state, pod, cluster.Snapshot.Nodes.Single(n => n.Name == "a")), plugin.Score(state, pod, cluster.Snapshot.Nodes.Single(n => n.Name == "b"))];
        plugin.NormalizeScore(scores);
        Assert.Equal((a, b), (scores[0], scores[1]));
    }

    [Theory]
    [InlineData(3, "timed out trying to allocate devices")]
    [InlineData(0, "")]
    public void A_search_that_takes_too_long_is_given_up(int seconds, string reason)
    {
        var cluster = Cluster([Claim("c")], [Slice("a", Device("x"))]);
        cluster.Cache.Update(cluster.Snapshot);
        var time = new SlowTime();
        var plugin = new DynamicResources(cluster.Devices!, new(cluster.Client, cluster.Devices!, time), null!, new() { DeviceFilterTimeout = TimeSpan.FromSeconds(seconds) }, new(), time);
        var (state, pod) = (new CycleState(), new PodInfo(Pod("c")));
        Assert.Null(plugin.PreFilter(state, pod, out _));
        Assert.Equal(reason, plugin.Filter(state, pod, cluster.Snapshot.Nodes.Single(n => n.Name == "a"))?.Message ?? "");
    }

    private static ResourceClaim Waiting(string condition)
    {
        var result = new DeviceRequestAllocationResult { Request = "r", Driver = Driver, Pool = "a", Device = "x", BindingConditions = ["Attached"], BindingFailureConditions = ["Broken"] };
        var status = new AllocatedDeviceStatus { Driver = Driver, Pool = "a", Device = "x", Conditions = [new() { Type = condition, Status = "True", Reason = "R", Message = "m" }] };
        return Claim("c") with { Status = new() { Allocation = new() { Devices = new() { Results = [result] }, AllocationTimestamp = new ManualTime().GetUtcNow() }, Devices = condition.Length > 0 ? [status] : [] } };
    }

    /// <summary>Each look at the clock takes four seconds.</summary>
    private sealed class SlowTime : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 4 * _looks++;
    }

    private static TestCluster Cluster(ResourceClaim[] claims, ResourceSlice[] slices, DeviceClass[]? classes = null) =>
        new TestCluster { Devices = new(new ListInformer<ResourceClaim>(claims), new ListInformer<DeviceClass>(classes ?? [Class()]), new ListInformer<ResourceSlice>(slices), hasExtendedResources: true) }.Nodes("a", "b");

    private static string PreFilter(TestCluster cluster, string claim) => cluster.Framework.PreFilter(new CycleState(), new PodInfo(Pod(claim)), out _, out _)!.Message;

    private static Pod Pod(string claim) => Objects.Pod("p").With(s => s with { ResourceClaims = [new() { Name = "e", ResourceClaimName = claim }] });

    private static Pod Templated(string? claim) => Objects.Pod("p").With(s => s with { ResourceClaims = [new() { Name = "e", ResourceClaimTemplateName = "t" }] }) with
    {
        Status = new() { ResourceClaimStatuses = claim is null ? [] : [new() { Name = "e", ResourceClaimName = claim }] },
    };
}
