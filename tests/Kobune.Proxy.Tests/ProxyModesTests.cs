namespace Kobune.Proxy.Tests;

public class ProxyModesTests
{
    [Theory]
    [InlineData(null, ProxyMode.Nftables)]
    [InlineData("", ProxyMode.Nftables)]
    [InlineData("nftables", ProxyMode.Nftables)]
    [InlineData("iptables", ProxyMode.Nftables)]
    [InlineData("ipvs", ProxyMode.Nftables)]
    [InlineData("userspace", ProxyMode.Userspace)]
    [InlineData("kernelspace", null)]
    public void Upstreams_names_are_understood(string? name, ProxyMode? mode) => Assert.Equal(mode, ProxyModes.Parse(name));
}
