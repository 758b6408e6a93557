using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Networking.V1;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>ServiceCIDRs are ready, and stay while addresses need them.</summary>
public class ServiceRangeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_range_stays_while_a_service_has_an_address_of_it_and_goes_ten_seconds_after_that()
    {
        var time = new JumpingTime();
        await using var cluster = await TestCluster.StartAsync(time: time);
        await cluster.Admin.CreateAsync(new ServiceCIDR { Metadata = new ObjectMeta { Name = "more" }, Spec = new() { CIDRs = ["192.168.77.0/24"] } }, Ct);
        await cluster.Sees<ServiceCIDR>("", "both ranges ready and held", all => all.Count == 2 && all.All(c => c.Metadata.Finalizers.Contains("networking.k8s.io/service-cidr-finalizer")
            && c.Status.Conditions is [{ Type: "Ready", Status: "True", Message: "Kubernetes Service CIDR is ready" }]));
        await cluster.Admin.CreateAsync(new Service { Metadata = new ObjectMeta { Name = "s", Namespace = "default" }, Spec = new() { ClusterIP = "192.168.77.5", Ports = [new ServicePort { Port = 80 }] } }, Ct);

        await cluster.Admin.DeleteAsync<ServiceCIDR>("", "more", null, Ct);
        const string Why = "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR";
        await cluster.Sees<ServiceCIDR>("", "the range held by its address", all => all.Any(c => c.Status.Conditions is [{ Status: "False", Reason: "Terminating", Message: Why }]));
        time.Advance(TimeSpan.FromMinutes(1));
        await cluster.Admin.DeleteAsync<Service>("default", "s", null, Ct);
        await cluster.Sees<ServiceCIDR>("", "the default range alone", all => all is [{ Metadata.Name: "kubernetes" }]);
    }

    [Fact]
    public async Task A_range_that_nobody_uses_goes_after_ten_seconds()
    {
        var time = new JumpingTime();
        await using var cluster = await TestCluster.StartAsync(time: time);
        await cluster.Admin.CreateAsync(new ServiceCIDR { Metadata = new ObjectMeta { Name = "more" }, Spec = new() { CIDRs = ["192.168.77.0/24"] } }, Ct);
        await cluster.Sees<ServiceCIDR>("", "the range ready", all => all.Any(c => c.Metadata.Name == "more" && c.Status.Conditions is [{ Status: "True" }]));
        await cluster.Admin.DeleteAsync<ServiceCIDR>("", "more", null, Ct);
        Assert.NotNull((await cluster.Admin.GetAsync<ServiceCIDR>("", "more", Ct)).Metadata.DeletionTimestamp);
        await cluster.Sees<ServiceCIDR>("", "the range on its way", all => all.Any(c => c.Metadata.DeletionTimestamp is not null));
        time.Advance(TimeSpan.FromSeconds(11));
        await cluster.Sees<ServiceCIDR>("", "the default range alone", all => all.Count == 1);
    }
}
