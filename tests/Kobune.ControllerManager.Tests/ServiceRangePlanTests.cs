using Kobune.Api.Meta.V1;
using Kobune.Api.Networking.V1;
using Kobune.ControllerManager.ServiceRanges;

namespace Kobune.ControllerManager.Tests;

public class ServiceRangePlanTests
{
    [Theory]
    [InlineData("10.0.0.0/24", "", "10.0.0.5", false)]
    [InlineData("10.0.0.0/24", "", "10.0.1.5", true)]
    [InlineData("10.0.0.0/24", "", "", true)]
    [InlineData("10.0.0.0/24", "10.0.0.0/16", "10.0.0.5", true)]
    [InlineData("10.0.0.0/24", "10.0.0.0/24", "10.0.0.5", true)]
    [InlineData("10.0.0.0/24", "10.0.0.0/28", "10.0.0.5", true)]
    [InlineData("10.0.0.0/24", "10.0.0.0/28", "10.0.0.99", false)]
    [InlineData("10.0.0.0/24,fd00::/64", "10.0.0.0/16", "fd00::5", false)]
    [InlineData("10.0.0.0/24,fd00::/64", "10.0.0.0/16", "10.0.0.5", true)]
    public void A_range_can_go_when_no_address_needs_it(string own, string others, string address, bool expected)
    {
        var range = Range("own", own);
        IReadOnlyList<ServiceCIDR> all = others.Length == 0 ? [range] : [range, Range("other", others)];
        Assert.Equal(expected, ServiceRangePlan.CanGo(range, all, address.Length == 0 ? [] : [Address(address)]));
        Assert.True(ServiceRangePlan.CanGo(range, all, address.Length == 0 ? [] : [Address(address) with { Metadata = new ObjectMeta { Name = address } }]));
    }

    private static ServiceCIDR Range(string name, string cidrs) => new() { Metadata = new ObjectMeta { Name = name }, Spec = new() { CIDRs = cidrs.Split(',') } };

    private static IPAddress Address(string ip) =>
        new() { Metadata = new ObjectMeta { Name = ip, Labels = new Dictionary<string, string> { ["ipaddress.kubernetes.io/managed-by"] = "ipallocator.k8s.io" } } };
}
