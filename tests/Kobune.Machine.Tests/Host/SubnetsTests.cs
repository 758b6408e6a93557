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

    [Fact]
    public void Networks_in_use_are_read_from_the_routes_of_IPv6() => Assert.Equal(
        ["fd00:1::/64", "fe80::/64", "fd00:1::1/128", "ff00::/8"],
        Subnets.InUse("fd00:1::/64 dev a proto kernel metric 256 pref medium\nfe80::/64 dev a\ndefault via fe80::1 dev a proto ra\nlocal fd00:1::1 dev a table local\nmulticast ff00::/8 dev a table local\n").Select(n => n.ToString()));

    [Theory]
    [InlineData("fd00:192:168:49::/64", "fd00:192:168:49::/64")]
    [InlineData("fc00:f853:ccd::/48", "fc00:f853:ccd::/48")]
    [InlineData("2001:db8::/64", null)]
    [InlineData("fd00::/40", null)]
    [InlineData("fd00::/126", null)]
    [InlineData("fe80::/64", null)]
    [InlineData("192.168.49.0/24", null)]
    [InlineData("net", null)]
    public void A_users_subnet_of_IPv6_is_read_or_refused(string text, string? expected)
    {
        if (expected is null)
        {
            Assert.Equal(MachineFault.Network, Assert.Throws<MachineException>(() => Subnets.ParseV6(text)).Fault);
        }
        else
        {
            Assert.Equal(expected, Subnets.ParseV6(text).ToString());
        }
    }

    [Theory]
    [InlineData("192.168.49.0/24", "fd00:192:168:49::/64")]
    [InlineData("10.0.0.0/8", "fd00:10:0:0::/64")]
    [InlineData("10.1.2.128/25", "fd00:10:1:2:128::/80")]
    public void The_network_of_IPv6_has_the_same_numbers(string network, string expected) =>
        Assert.Equal(IPNetwork.Parse(expected), Subnets.DefaultV6(IPNetwork.Parse(network)));

    [Theory]
    [InlineData("10.244.0.0/16", 24, 0, "10.244.0.0/24")]
    [InlineData("10.244.0.0/16", 24, 99, "10.244.99.0/24")]
    [InlineData("10.0.0.0/9", 24, 258, "10.1.2.0/24")]
    [InlineData("fd00:10:244::/56", 64, 1, "fd00:10:244:1::/64")]
    [InlineData("fd00:10:244::/56", 64, 255, "fd00:10:244:ff::/64")]
    public void A_network_is_cut_into_parts(string network, int length, int index, string expected) =>
        Assert.Equal(expected, Subnets.PartAt(IPNetwork.Parse(network), length, index).ToString());

    [Theory]
    [InlineData("fd00:192:168:49::/64", 2, "fd00:192:168:49::2")]
    [InlineData("fd00:10:96::/112", 10, "fd00:10:96::a")]
    [InlineData("192.168.49.0/24", 2, "192.168.49.2")]
    [InlineData("10.0.0.0/16", 260, "10.0.1.4")]
    public void Addresses_are_counted_from_the_network(string network, int offset, string expected) =>
        Assert.Equal(expected, Subnets.AddressAt(IPNetwork.Parse(network), offset).ToString());
}
