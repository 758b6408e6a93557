using System.Net;
using Kobune.Node.ClusterDns;

namespace Kobune.Node.Tests;

public sealed class ClusterDnsManifestTests
{
    [Theory]
    [InlineData("10.96.0.10", null)]
    [InlineData("10.96.0.10 fd00:10:96::a", "RequireDualStack")]
    public void The_service_has_an_address_of_each_family_of_the_cluster(string addresses, string? policy)
    {
        var spec = ClusterDnsManifest.Service([.. addresses.Split(' ').Select(IPAddress.Parse)]).Spec;
        Assert.Equal(("10.96.0.10", addresses, policy), (spec.ClusterIP, string.Join(' ', spec.ClusterIPs), spec.IPFamilyPolicy));
    }

    [Theory]
    [InlineData("192.168.49.2", "kube-dns-kobune", "IPv4")]
    [InlineData("fd00:192:168:49::2", "kube-dns-kobune-ipv6", "IPv6")]
    public void Each_family_has_a_slice_of_its_own(string server, string name, string type)
    {
        var slice = ClusterDnsManifest.Slice(new(IPAddress.Parse(server), 10053));
        Assert.Equal((name, type, server), (slice.Metadata.Name, slice.AddressType, slice.Endpoints[0].Addresses[0]));
    }
}
