using Kobune.Cli.Clusters;
using Kobune.Cli.Output;

namespace Kobune.Cli.Tests.Clusters;

public class StaticAddressTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("192.168.200.200", null, "192.168.200.0/24")]
    [InlineData("10.9.8.7", "10.9.0.0/16", "10.9.0.0/16")]
    [InlineData(null, "192.168.60.7/24", "192.168.60.0/24")]
    public void The_subnet_follows_from_what_is_asked(string? address, string? subnet, string? expected) =>
        Assert.Equal(expected, StaticAddress.SubnetOf(Request(address, subnet)));

    [Theory]
    [InlineData("192.168.200.1", null)]
    [InlineData("192.168.200.255", null)]
    [InlineData("8.8.8.8", null)]
    [InlineData("fd00::5", null)]
    [InlineData("nonsense", null)]
    [InlineData("192.168.200.9", "192.168.201.0/24")]
    [InlineData(null, "8.8.8.0/24")]
    [InlineData(null, "192.168.1.0/31")]
    public void Others_are_wrong_usage(string? address, string? subnet) =>
        Assert.Equal(14, Assert.Throws<CliException>(() => StaticAddress.SubnetOf(Request(address, subnet))).Reason.ExitCode);

    [Theory]
    [InlineData("192.168.60.0/24", null, "192.168.60.2 192.168.60.3 192.168.60.4")]
    [InlineData("192.168.60.0/24", "192.168.60.77", "192.168.60.77 192.168.60.78 192.168.60.79")]
    [InlineData("192.168.60.0/24", "192.168.60.253", "192.168.60.253 192.168.60.254 192.168.60.2")]
    [InlineData("10.9.0.0/16", "10.9.1.254", "10.9.1.254 10.9.1.255 10.9.2.0")]
    public void Nodes_follow_each_other_within_the_subnet(string subnet, string? address, string expected) =>
        Assert.Equal(expected, string.Join(' ', ClusterPlan.Nodes(new() { Name = "demo", Subnet = subnet, StaticIP = address ?? "" }, 3).Select(n => n.IP)));

    private static StartRequest Request(string? address, string? subnet) => new() { Profile = "test", StaticIP = address, Subnet = subnet };
}
