using Kobune.Api.Core.V1;
using Kobune.Proxy.VirtualAddresses;
using static Kobune.Proxy.Tests.Objects;

namespace Kobune.Proxy.Tests;

public class AddressKeeperTests
{
    private static readonly Service Ranged = Service("web", "10.96.1.1", new() { Type = "LoadBalancer" }) with
    {
        Status = new() { LoadBalancer = new() { Ingress = [new() { IP = "192.0.2.50" }] }, Conditions = [new() { Type = "kobune.dev/LoadBalancerAddress", Reason = "AddressPool", Status = "True" }] },
    };

    [Fact]
    public void Exactly_one_of_the_nodes_with_ready_endpoints_keeps_the_address()
    {
        var slice = Slice("web", 80, Ready("10.0.0.1", "n1"), Ready("10.0.0.2", "n2"), Ready("10.0.0.3", "n3"), Unready("10.0.0.4"));
        string[] nodes = ["n1", "n2", "n3", "n4", ThisNode];
        var keeper = Assert.Single(nodes, n => AddressKeeper.Kept(Ranged, [slice], n).Count == 1);
        Assert.Contains(keeper, (string[])["n1", "n2", "n3"]);
        var rest = slice with { Endpoints = [.. slice.Endpoints.Where(e => e.NodeName != keeper)] };
        Assert.Single(nodes, n => n != keeper && AddressKeeper.Kept(Ranged, [rest], n).Count == 1);
        Assert.DoesNotContain(nodes, n => AddressKeeper.Kept(Ranged, [], n).Count > 0);
    }

    [Fact]
    public void Addresses_that_others_gave_are_nobodys()
    {
        var slice = Slice("web", 80, Ready("10.0.0.1"));
        Assert.NotEmpty(AddressKeeper.Kept(Ranged, [slice], ThisNode));
        Assert.Empty(AddressKeeper.Kept(Ranged with { Status = Ranged.Status with { Conditions = [] } }, [slice], ThisNode));
        Assert.Empty(AddressKeeper.Kept(null, [slice], ThisNode));
    }
}
