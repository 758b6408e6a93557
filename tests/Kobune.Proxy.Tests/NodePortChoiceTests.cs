using System.Net;

namespace Kobune.Proxy.Tests;

public class NodePortChoiceTests
{
    [Theory]
    [InlineData("", "192.168.49.2 10.0.0.5 127.0.0.1")]
    [InlineData("primary", "192.168.49.2")]
    [InlineData("10.0.0.0/8", "10.0.0.5")]
    [InlineData("10.0.0.0/8,127.0.0.0/8", "10.0.0.5 127.0.0.1")]
    [InlineData("172.16.0.0/12", "")]
    public void Node_ports_are_served_on_the_addresses_that_were_set(string wanted, string served)
    {
        IPAddress[] addresses = [IPAddress.Parse("192.168.49.2"), IPAddress.Parse("10.0.0.5"), IPAddress.Loopback];
        Assert.Equal(served, string.Join(' ', NodePortChoice.Of(addresses, wanted.Split(',', StringSplitOptions.RemoveEmptyEntries))));
    }
}
