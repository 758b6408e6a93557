using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client.Events;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Devices;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using static Kobune.Scheduler.Tests.Allocation.Gpus;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Tests.Allocation;

/// <summary>What the way of devices to a pod counts.</summary>
public class DeviceMetricsTests
{
    private readonly DeviceMetrics _metrics = new();
    private readonly Pod _pod = Objects.Pod("p") with { Spec = new() { ResourceClaims = [new() { Name = "c", ResourceClaimName = "c" }] } };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Two devices of one driver, and one that needs no condition.</summary>
    [Theory]
    [InlineData("Attached", 0, "success", "0")]
    [InlineData("Broken", 0, "failure", "0")]
    [InlineData("", 601, "timeout", "601")]
    public async Task A_wait_for_a_driver_is_counted_once_with_its_end(string condition, int seconds, string ended, string elapsed)
    {
        DeviceRequestAllocationResult[] results = [Result("x") with { BindingConditions = ["Attached"], BindingFailureConditions = ["Broken"] }, Result("y") with { BindingConditions = ["Attached"] }, Result("z") with { Driver = "other.test" }];
        AllocatedDeviceStatus[] statuses = condition.Length == 0 ? [] : [.. results.Select(r => new AllocatedDeviceStatus { Driver = r.Driver, Pool = r.Pool, Device = r.Device, Conditions = [new() { Type = condition, Status = "True", Reason = "R" }] })];
        var cluster = Cluster(Claim("c") with { Status = new() { Allocation = new() { Devices = new() { Results = results } }, Devices = statuses, ReservedFor = [PodDeviceClaims.Consumer(_pod)] } });
        var (plugin, state, pod) = (Plugin(cluster), new CycleState(), new PodInfo(_pod));
        Assert.Null(plugin.PreFilter(state, pod, out _));
        var waiting = plugin.PreBindAsync(state, pod, "a", Ct);
        cluster.Time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(ended == "success", await waiting.WaitAsync(TimeSpan.FromSeconds(30), Ct) is null);
        var labels = $"{{driver=\"{Driver}\",profile=\"default-scheduler\",status=\"{ended}\"}}";
        Assert.Contains($"scheduler_dra_bindingconditions_allocations_total{labels} 1\n", Text(), StringComparison.Ordinal);
        Assert.Contains($"scheduler_dra_bindingconditions_wait_duration_seconds_sum{labels} {elapsed}\n", Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("other.test", Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "success")]
    [InlineData(false, "failure")]
    public async Task A_claim_of_the_schedulers_own_is_counted_whether_it_was_made_or_not(bool isTaken, string status)
    {
        var cluster = Cluster();
        cluster.Server.TakesClaims = isTaken;
        cluster.Cache.Update(cluster.Snapshot);
        var (plugin, state, pod) = (Plugin(cluster), new CycleState(), new PodInfo(Objects.Pod("p") with { Spec = new() { Containers = [new() { Name = "c", Resources = new() { Requests = new Dictionary<string, Api.Quantity> { ["example.com/gpu"] = Api.Quantity.Parse("1") } } }] } }));
        Assert.Null(plugin.PreFilter(state, pod, out _));
        Assert.Null(plugin.Filter(state, pod, cluster.Snapshot.Nodes.Single(n => n.Name == "a")));
        Assert.Null(plugin.Reserve(state, pod, "a"));
        Assert.NotNull(await plugin.PreBindAsync(state, pod, "a", Ct)); // the server here keeps no claims, and writing into this one fails
        Assert.Contains($"scheduler_resourceclaim_creates_total{{status=\"{status}\"}} 1\n", Text(), StringComparison.Ordinal);
    }

    private static DeviceRequestAllocationResult Result(string device) => new() { Request = "r", Driver = Driver, Pool = "a", Device = device };

    private static TestCluster Cluster(params ResourceClaim[] claims) => new TestCluster
    {
        Devices = new(new ListInformer<ResourceClaim>(claims), new ListInformer<DeviceClass>(Class() with { Spec = new() { ExtendedResourceName = "example.com/gpu" } }), new ListInformer<ResourceSlice>(Slice("a", Device("x"))), hasExtendedResources: true),
    }.Nodes("a");

    private DynamicResources Plugin(TestCluster cluster) =>
        new(cluster.Devices!, new(cluster.Client, cluster.Devices!, cluster.Time), new EventRecorder(cluster.Client, "s", "", cluster.Time, NullLogger.Instance), new(), _metrics, cluster.Time);

    private string Text()
    {
        var text = new StringBuilder();
        foreach (var family in _metrics.Families)
        {
            family.Write(text);
        }

        return text.ToString();
    }
}
