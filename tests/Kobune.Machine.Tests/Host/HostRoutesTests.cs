using System.Net;
using Kobune.Machine.Host;

namespace Kobune.Machine.Tests.Host;

public class HostRoutesTests
{
    [Fact]
    public void Routes_that_stand_are_told_from_those_that_overlap()
    {
        const string Routes = """
            default via 10.0.0.1 dev eth0
            10.96.0.0/12 via 192.168.49.2 dev kbr-1
            10.100.0.0/16 dev vpn0 scope link
            192.168.49.0/24 dev kbr-1 proto kernel scope link src 192.168.49.1
            10.97.1.1 via 10.0.0.9 dev eth0
            """;
        var look = HostRoutes.Read(Routes, IPNetwork.Parse("10.96.0.0/12"));
        Assert.Equal("192.168.49.2", look.Gateway);
        Assert.Equal(["10.100.0.0/16 dev vpn0 scope link", "10.97.1.1 via 10.0.0.9 dev eth0"], look.Overlapping);
        Assert.Null(HostRoutes.Read(Routes, IPNetwork.Parse("10.32.0.0/16")).Gateway);
    }

    [Fact]
    public void Routes_of_IPv6_too()
    {
        const string Routes = """
            fd00:10:96::/112 via fd00:192:168:49::2 dev kbr-1 metric 1024 pref medium
            fd00:10:96::7 dev vpn0 metric 1024 pref medium
            fe80::/64 dev kbr-1 proto kernel metric 256 pref medium
            default via fe80::1 dev eth0 proto ra metric 100
            """;
        var look = HostRoutes.Read(Routes, IPNetwork.Parse("fd00:10:96::/112"));
        Assert.Equal("fd00:192:168:49::2", look.Gateway);
        Assert.Equal(["fd00:10:96::7 dev vpn0 metric 1024 pref medium"], look.Overlapping);
    }
}
