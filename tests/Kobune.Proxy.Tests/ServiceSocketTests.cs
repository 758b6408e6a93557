using System.Net;
using System.Net.Sockets;
using Kobune.Proxy.Relays;

namespace Kobune.Proxy.Tests;

public sealed class ServiceSocketTests
{
    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task A_relay_listens_on_an_IPv6_address_that_no_link_has(string protocol)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Socket.OSSupportsIPv6, "needs IPv6 on Linux");
        await using var relay = Relay.Open(protocol, new(IPAddress.Parse("fd00:10:96::beef"), 18082), TimeProvider.System);
        Assert.NotNull(relay.Backends);
    }
}
