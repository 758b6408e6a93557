using System.Net;
using Kobune.Machine.Host;

namespace Kobune.Machine.Tests.Host;

public class SubnetsTests
{
    [Theory]
    [InlineData("", "192.168.49.0/24")]
    [InlineData("192.168.49.0/24", "192.168.58.0/24")]
    [InlineData("192.168.49.7/32 192.168.58.0/25", "192.168.67.0/24")]
    [InlineData("192.168.0.0/16", null)]
    public void The_first_free_default_is_chosen(string used, string? expected) =>
        Assert.Equal(expected, Subnets.Choose([.. used.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPNetwork.Parse)])?.ToString());

    [Theory]
    [InlineData("192.168.60.0/24", "192.168.60.0/24")]
    [InlineData("192.168.60.17/24", "192.168.60.0/24")]
    [InlineData("10.1.2.3", "10.1.2.0/24")]
    [InlineData("172.16.0.0/30", "172.16.0.0/30")]
    public void A_users_subnet_is_read(string text, string expected) => Assert.Equal(expected, Subnets.Parse(text).ToString());

    [Theory]
    [InlineData("8.8.8.0/24")]
    [InlineData("192.168.1.0/31")]
    [InlineData("fd00::/64")]
    [InlineData("172.32.0.0/16")]
    [InlineData("net")]
    [InlineData("")]
    public void A_bad_subnet_is_refused(string text) => Assert.Equal(MachineFault.Network, Assert.Throws<MachineException>(() => Subnets.Parse(text)).Fault);

    [Fact]
    public void Networks_in_use_are_read_from_the_routes() => Assert.Equal(
        ["192.0.2.0/24", "192.0.2.2/32", "10.8.0.0/16"],
        Subnets.InUse("default via 192.0.2.1 dev eth0 \n192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2 \nlocal 192.0.2.2 dev eth0 table local \nunreachable 10.8.0.0/16\nbroken\n").Select(n => n.ToString()));

    [Theory]
    [InlineData("192.168.49.0/24", 2, "192.168.49.2")]
    [InlineData("10.0.0.0/16", 260, "10.0.1.4")]
    public void Addresses_are_counted_from_the_network(string network, int offset, string expected) =>
        Assert.Equal(expected, Subnets.AddressAt(IPNetwork.Parse(network), offset).ToString());
}
