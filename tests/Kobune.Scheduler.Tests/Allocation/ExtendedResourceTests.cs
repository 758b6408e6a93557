using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using static Kobune.Scheduler.Tests.Allocation.Gpus;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Tests.Allocation;

/// <summary>Extended resources that devices of a class stand behind: what the plugins say of nodes.</summary>
public class ExtendedResourceTests
{
    private const string Gpu = "example.com/gpu";
    private const string Implicit = ExtendedResources.ClassPrefix + "gpu";

    /// <summary>Node a has a device, b a device plugin with two, c says that it has none of the resource, d has nothing.</summary>
    [Theory]
    [InlineData(Gpu, 1, true, "", "", "cannot allocate all claims", "cannot allocate all claims")]
    [InlineData(Implicit, 1, true, "", "cannot allocate all claims", "cannot allocate all claims", "cannot allocate all claims")]
    [InlineData(Gpu, 2, true, "cannot allocate all claims", "", "cannot allocate all claims", "cannot allocate all claims")]
    [InlineData(Gpu, 3, true, "cannot allocate all claims", "Insufficient example.com/gpu", "cannot allocate all claims", "cannot allocate all claims")]
    [InlineData("example.com/tpu", 1, true, "Insufficient example.com/tpu", "Insufficient example.com/tpu", "Insufficient example.com/tpu", "Insufficient example.com/tpu")]
    [InlineData(Gpu, 1, false, "Insufficient example.com/gpu", "", "Insufficient example.com/gpu", "Insufficient example.com/gpu")]
    [InlineData(Gpu, 0, true, "", "", "", "")]
    public void A_pod_fits_where_devices_or_a_plugin_have_what_it_asks_for(string resource, int count, bool isOn, string a, string b, string c, string d)
    {
        var reasons = Cluster([], [Slice("a", Device("x"))], isOn: isOn).Reasons(Pod("p", (resource, count)));
        Assert.Equal($"{a}|{b}|{c}|{d}", $"{reasons["a"]}|{reasons["b"]}|{reasons["c"]}|{reasons["d"]}");
    }

    [Fact]
    public void Of_two_resources_each_comes_from_where_the_node_has_it()
    {
        var reasons = Cluster([], [Slice("b", Device("x", """ "attributes":{"kind":{"string":"tpu"}} """))], [Class(Gpu), Class("example.com/tpu", "tpu")]).Reasons(Pod("p", (Gpu, 1), ("example.com/tpu", 1)));
        Assert.Equal(("cannot allocate all claims", ""), (reasons["a"], reasons["b"])); // b's plugin has the one, its driver the other
    }

    [Fact]
    public void Devices_of_others_are_not_given_again()
    {
        var taken = Claim("c") with { Status = new() { Allocation = Has("x") with { Devices = new() { Results = [new() { Request = "r", Driver = Driver, Pool = "a", Device = "x" }] } } } };
        Assert.Equal("cannot allocate all claims", Cluster([taken], [Slice("a", Device("x"))]).Reasons(Pod("p", (Gpu, 1)))["a"]);
    }

    [Fact]
    public void A_claim_of_a_cycle_that_failed_stands_in_the_way_and_is_deleted()
    {
        var stale = Claim("p-extended-resources-x") with { Metadata = Made("p") };
        var cluster = Cluster([stale, Claim("other") with { Metadata = Made("q") with { Name = "other" } }], [Slice("a", Device("x"))]);
        Assert.Equal("cannot schedule extended resource claim", cluster.Reasons(Pod("p", (Gpu, 1)))["a"]);
        var (result, message) = cluster.Reject(Pod("p", (Gpu, 1)));
        Assert.NotNull(result.Work);
        Assert.StartsWith("0/4 nodes are available: 4 cannot schedule extended resource claim. deletion of ResourceClaim completed, ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_class_of_a_resource_counts_and_of_two_of_one_age_the_first_by_name()
    {
        Assert.Equal("", Fits(Old("gone", 1), Old("gpu", 2)));
        Assert.Equal("", Fits(Old("gpu", 2), Old("zero", 2)));
        Assert.NotEqual("", Fits(Old("gone", 2), Old("gpu", 1)));

        static string Fits(params DeviceClass[] classes) => Cluster([], [Slice("a", Device("x"))], classes).Reasons(Pod("p", (Gpu, 1)))["a"];

        static DeviceClass Old(string name, int second) => Class(Gpu, name) with
        {
            Metadata = new() { Name = name, CreationTimestamp = DateTimeOffset.UnixEpoch.AddSeconds(second) },
            Spec = new() { ExtendedResourceName = Gpu, Selectors = name == "gpu" ? [] : [new() { CEL = new() { Expression = "false" } }] },
        };
    }

    [Theory]
    [InlineData(null, "gpu/example.com/gpu", true)]
    [InlineData(null, "gpu/example.com/tpu", false)]
    [InlineData("gpu/example.com/gpu", "gpu/example.com/gpu", false)]
    [InlineData("gpu/example.com/tpu", "gpu/example.com/gpu", true)]
    public void A_class_that_begins_to_stand_behind_the_resource_wakes_its_pods(string? before, string now, bool helps)
    {
        var happened = new ClusterEvent(EventResource.DeviceClass, before is null ? ActionType.Add : ActionType.UpdateStorage, Read(before), Read(now));
        Assert.Equal(helps, Cluster([], []).Helps("NodeResourcesFit", Pod("p", (Gpu, 1)), happened));

        static DeviceClass? Read(string? text) => text?.Split('/', 2) is [var name, var resource] ? Class(resource, name) : null;
    }

    [Fact]
    public void A_class_that_comes_in_the_middle_of_a_cycle_is_nobodys_matter_in_it()
    {
        var cluster = Cluster([], [Slice("a", Device("x"))]);
        cluster.Cache.Update(cluster.Snapshot);
        var (fit, pod, node) = (new Scheduler.Plugins.NodeResourcesFit(new(), cluster.Devices), new PodInfo(Pod("p", (Gpu, 1))), cluster.Snapshot.Nodes.Single(n => n.Name == "a"));
        Assert.Equal("Insufficient example.com/gpu", fit.Filter(new CycleState(), pod, node)?.Message);
        Assert.Null(fit.Filter(new CycleState { DeviceClasses = cluster.Devices!.ClassesOf(pod) }, pod, node));
    }

    [Fact]
    public void The_deletion_of_its_own_claim_wakes_a_pod_and_that_of_anothers_does_not()
    {
        var cluster = Cluster([], []);
        var (own, other) = (Claim("c") with { Metadata = Made("p") }, Claim("c") with { Metadata = Made("q") });
        Assert.True(cluster.Helps("DynamicResources", Pod("p", (Gpu, 1)), new(EventResource.ResourceClaim, ActionType.Delete, own)));
        Assert.False(cluster.Helps("DynamicResources", Pod("p", (Gpu, 1)), new(EventResource.ResourceClaim, ActionType.Delete, other)));
    }

    [Theory]
    [InlineData("LeastAllocated", 66, 50)]
    [InlineData("MostAllocated", 33, 50)]
    public void Devices_count_in_the_score_of_a_resource(string strategy, long a, long b)
    {
        var cluster = Cluster([], [Slice("a", Device("x"), Device("y"), Device("z"))]);
        cluster.Cache.Update(cluster.Snapshot);
        var fit = new Scheduler.Plugins.NodeResourcesFit(new() { ScoringStrategy = new() { Type = strategy, Resources = [(Gpu, 1)] } }, cluster.Devices);
        var scores = cluster.Snapshot.Nodes.ToDictionary(n => n.Name, n => fit.Score(new CycleState(), new(Pod("p", (Gpu, 1))), n));
        Assert.Equal((a, b), (scores["a"], scores["b"]));
    }

    private static TestCluster Cluster(ResourceClaim[] claims, ResourceSlice[] slices, DeviceClass[]? classes = null, bool isOn = true)
    {
        var cluster = new TestCluster
        {
            Devices = new(new ListInformer<ResourceClaim>(claims), new ListInformer<DeviceClass>(classes ?? [Class(Gpu)]), new ListInformer<ResourceSlice>(slices), isOn),
        };
        foreach (var (name, plugin) in new (string, int?)[] { ("a", null), ("b", 2), ("c", 0), ("d", null) })
        {
            var node = Objects.Node(name);
            cluster.Cache.SetNode(plugin is null ? node : node with { Status = node.Status with { Allocatable = new Dictionary<string, Quantity>(node.Status.Allocatable) { [Gpu] = new(plugin.Value) } } });
        }

        return cluster;
    }

    private static DeviceClass Class(string resource, string name = "gpu") => Gpus.Class(name) with { Spec = new() { ExtendedResourceName = resource } };

    private static Pod Pod(string name, params (string Resource, int Count)[] wanted) =>
        Objects.Pod(name).With(s => s with { Containers = [new() { Name = "c", Resources = new() { Requests = wanted.ToDictionary(w => w.Resource, w => new Quantity(w.Count)) } }] });

    private static Api.Meta.V1.ObjectMeta Made(string pod) => new()
    {
        Namespace = "default",
        Name = "c",
        Uid = "uid-claim-" + pod,
        ResourceVersion = "1",
        Annotations = new Dictionary<string, string> { [ExtendedResources.ClaimAnnotation] = "true" },
        OwnerReferences = [new() { APIVersion = "v1", Kind = "Pod", Name = pod, Uid = "uid-" + pod, Controller = true }],
    };
}
