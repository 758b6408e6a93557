using System.Net;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Allocation;
using Kobune.ApiServer.Loops;
using Kobune.ApiServer.Tests.Hosting;
using IPAddressRecord = Kobune.Api.Networking.V1.IPAddress;

namespace Kobune.ApiServer.Tests.Loops;

/// <summary>Cluster IPs and IPAddress objects that were changed by hand.</summary>
public class AddressRepairTests
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Addresses = "/apis/networking.k8s.io/v1/ipaddresses";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly IPNetwork[] Ranges = [IPNetwork.Parse("10.96.0.0/12")];

    [Fact]
    public void A_service_whose_address_is_its_own_is_left_alone()
    {
        Assert.Null(AddressRepairPlan.OfService(Service("a", "10.96.0.5"), "10.96.0.5", Address("10.96.0.5", "a"), null, Ranges));
        Assert.Null(AddressRepairPlan.OfAddress(Address("10.96.0.5", "a"), Service("a", "10.96.0.5"), Now, out _));
        Assert.Empty(AddressRepairPlan.AddressesOf(Service("a", "None")));
    }

    [Fact]
    public void A_service_without_its_address_is_given_it_and_one_out_of_range_is_told()
    {
        var missing = AddressRepairPlan.OfService(Service("a", "10.96.0.5"), "10.96.0.5", null, null, Ranges)!;
        Assert.Equal(("ClusterIPNotAllocated", "Cluster IP [IPv4]: 10.96.0.5 is not allocated; repairing", (string?)null, "10.96.0.5"), (missing.Reason, missing.Message, missing.Delete, missing.Create));
        var outside = AddressRepairPlan.OfService(Service("a", "10.95.0.5"), "10.95.0.5", null, null, Ranges)!;
        Assert.Equal(("ClusterIPOutOfRange", "Cluster IP [IPv4]: 10.95.0.5 is not within any configured Service CIDR; please recreate service", (string?)null), (outside.Reason, outside.Message, outside.Create));
    }

    [Fact]
    public void An_address_of_somebody_else_is_made_anew_unless_that_one_has_it_too()
    {
        var (service, address) = (Service("a", "10.96.0.5"), Address("10.96.0.5", "b"));
        var gone = AddressRepairPlan.OfService(service, "10.96.0.5", address, null, Ranges)!;
        Assert.Equal(("the ClusterIP [IPv4]: 10.96.0.5 for Service default/a has a wrong reference; repairing", "10.96.0.5", "10.96.0.5"), (gone.Message, gone.Delete, gone.Create));
        var both = AddressRepairPlan.OfService(service, "10.96.0.5", address, Service("b", "10.96.0.5"), Ranges)!;
        Assert.Equal(("ClusterIPAlreadyAllocated", "Cluster IP [IPv4]:10.96.0.5 was assigned to multiple services; please recreate service", (string?)null), (both.Reason, both.Message, both.Delete));
        var unlabelled = Address("10.96.0.5", "a") with { Metadata = new ObjectMeta { Name = "10.96.0.5" } };
        Assert.Equal(("", "10.96.0.5"), (AddressRepairPlan.OfService(service, "10.96.0.5", unlabelled, null, Ranges)!.Reason, AddressRepairPlan.OfService(service, "10.96.0.5", unlabelled, null, Ranges)!.Delete));
    }

    [Fact]
    public void An_orphan_has_a_minute_and_goes_then()
    {
        var orphan = Address("10.96.0.5", "a");
        Assert.Null(AddressRepairPlan.OfAddress(orphan, null, Now + TimeSpan.FromSeconds(60), out var again));
        Assert.Equal(Now + TimeSpan.FromSeconds(61), again);
        var leaked = AddressRepairPlan.OfAddress(orphan, null, Now + TimeSpan.FromSeconds(61), out again)!;
        Assert.Equal(("IPAddress: 10.96.0.5 for Service default/a appears to have leaked: cleaning up", "10.96.0.5", (DateTimeOffset?)null), (leaked.Message, leaked.Delete, again));
        Assert.Null(AddressRepairPlan.OfAddress(orphan with { Metadata = new ObjectMeta { Name = "10.96.0.5" } }, null, Now + TimeSpan.FromHours(1), out _));
    }

    [Fact]
    public void An_address_that_names_what_does_not_have_it_goes()
    {
        var other = AddressRepairPlan.OfAddress(Address("10.96.0.5", "a"), Service("a", "10.96.0.6"), Now, out _)!;
        Assert.Equal(("IPAddressWrongReference", "IPAddress: 10.96.0.5 for Service default/a has a wrong reference; cleaning up"), (other.Reason, other.Message));
        var changed = Address("10.96.0.5", "a") with { Spec = new() { ParentRef = new() { Group = "g", Resource = "gateways", Name = "x" } } };
        Assert.Equal("IPAddress 10.96.0.5 appears to have been modified, not referencing a Service &{g gateways  x}: cleaning up", AddressRepairPlan.OfAddress(changed, null, Now, out _)!.Message);
    }

    [Fact]
    public async Task An_address_that_somebody_deleted_comes_back_with_an_event()
    {
        await using var server = await TestServer.StartAsync(o => o with { KeepsSystemObjects = true });
        var ip = (string)(await server.MustAsync("POST", Services, """{"metadata":{"name":"a"},"spec":{"ports":[{"port":80,"protocol":"TCP"}]}}"""))["spec"]!["clusterIP"]!;
        await using var watch = server.Watch($"{Addresses}?watch=true&fieldSelector=metadata.name={ip}");
        Assert.Equal($"ADDED {ip}", await watch.NextTextAsync());
        await server.MustAsync("DELETE", $"{Addresses}/{ip}");
        while (await watch.NextTextAsync() != $"ADDED {ip}")
        {
            // what came before it was made again
        }

        Assert.Equal("a", (string?)(await server.MustAsync("GET", $"{Addresses}/{ip}"))["spec"]!["parentRef"]!["name"]);
        var said = (await server.MustAsync("GET", "/apis/events.k8s.io/v1/namespaces/default/events"))["items"]!.AsArray().Single(e => (string?)e!["reason"] == "ClusterIPNotAllocated")!;
        Assert.Equal(("ClusterIPAllocation", "ipallocator-repair-controller", "a"), ((string?)said["action"], (string?)said["reportingController"], (string?)said["regarding"]!["name"]));
    }

    private static Service Service(string name, string ip) => new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Spec = new() { Type = "ClusterIP", ClusterIP = ip, ClusterIPs = [ip] } };

    private static IPAddressRecord Address(string ip, string service)
    {
        var made = IPAddressObject.Of(ip, "default", service);
        return made with { Metadata = made.Metadata with { CreationTimestamp = Now } };
    }
}
