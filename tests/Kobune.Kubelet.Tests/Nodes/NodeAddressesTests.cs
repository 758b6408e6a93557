using Kobune.Api.Core.V1;
using Kobune.Kubelet.Nodes;

namespace Kobune.Kubelet.Tests.Nodes;

public class NodeAddressesTests
{
    private static readonly NodeObservation Seen = new(new(2, 1L << 30, "m", "s", "b", "6.1", "Debian", "amd64"), DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData(null, "InternalIP=192.168.49.2 Hostname=n")]
    [InlineData("fd00:192:168:49::2", "InternalIP=192.168.49.2 InternalIP=fd00:192:168:49::2 Hostname=n")]
    public void A_node_tells_an_address_of_each_family(string? second, string expected)
    {
        var status = NodeStatusPlan.Compute(new() { NodeName = "n", NodeIP = "192.168.49.2", SecondNodeIP = second }, Seen, NodeStatus.Empty);
        Assert.Equal(expected, string.Join(' ', status.Addresses.Select(a => $"{a.Type}={a.Address}")));
    }
}
