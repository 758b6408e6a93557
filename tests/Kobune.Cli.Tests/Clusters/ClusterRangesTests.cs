using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;

namespace Kobune.Cli.Tests.Clusters;

public class ClusterRangesTests
{
    private const string Own = "fd00:10:96::/112";
    private const string OwnPods = "fd00:10:244::/56";

    [Theory]
    [InlineData(null, null, null, null, null, null, null)]
    [InlineData("192.168.60.0/24", "10.100.0.0/16", null, "192.168.60.0/24", "10.100.0.0/16", null, null)]
    [InlineData(null, null, "10.200.0.0/16", null, null, "10.200.0.0/16", null)]
    [InlineData(null, "10.96.0.0/12,fd00:1::/112", null, null, "10.96.0.0/12", null, " fd00:1::/112 " + OwnPods)]
    [InlineData("192.168.60.0/24,fd00:2::/64", null, null, "192.168.60.0/24", null, null, "fd00:2::/64 " + Own + " " + OwnPods)]
    [InlineData(null, null, "10.244.0.0/16,fd00:3::/56", null, null, "10.244.0.0/16", " " + Own + " fd00:3::/56")]
    [InlineData("192.168.60.0/24, fd00:2::/64", "10.96.0.0/12, fd00:1::/112", "10.244.0.0/16,fd00:3::/56", "192.168.60.0/24", "10.96.0.0/12", "10.244.0.0/16", "fd00:2::/64 fd00:1::/112 fd00:3::/56")]
    public void A_pair_in_one_of_them_makes_the_cluster_dual_stack(string? subnet, string? services, string? pods, string? wantedSubnet, string? wantedServices, string? wantedPods, string? second)
    {
        var ranges = ClusterRanges.Of(Request(subnet, services, pods));
        Assert.Equal((wantedSubnet, wantedServices, wantedPods), (ranges.Subnet, ranges.Services, ranges.Pods));
        Assert.Equal(second, ranges.IPv6 is { } v6 ? $"{v6.Subnet} {v6.ServiceCidr} {v6.ClusterCidr}" : null);
    }

    [Theory]
    [InlineData("192.168.60.0/24,192.168.61.0/24", null, null)]
    [InlineData("fd00:2::/64,192.168.60.0/24", null, null)]
    [InlineData("192.168.60.0/24,2001:db8::/64", null, null)]
    [InlineData("192.168.60.0/24,fd00:2::/64,fd00:3::/64", null, null)]
    [InlineData(null, "10.96.0.0/12,", null)]
    [InlineData(null, "10.96.0.0/12,fd00:1::/63", null)]
    [InlineData(null, "10.96.0.0/12,fd00:1::/124", null)]
    [InlineData(null, "10.96.0.0/12," + OwnPods, null)]
    [InlineData(null, "10.96.0.0/12,fd00:10:244::/112", null)]
    [InlineData(null, null, "10.244.0.0/24")]
    [InlineData(null, null, "10.244.0.0/16,fd00:3::/64")]
    [InlineData(null, null, "fd00:3::/56,10.244.0.0/16")]
    public void What_is_no_pair_is_wrong_usage(string? subnet, string? services, string? pods) =>
        Assert.Equal(14, Assert.Throws<CliException>(() => ClusterRanges.Of(Request(subnet, services, pods))).Reason.ExitCode);

    [Theory]
    [InlineData(null, null, null, "")]
    [InlineData("192.168.49.7/24", "10.96.0.0/12", "10.244.0.0/16", "service-cluster-ip-range,kubeadm.pod-network-cidr")]
    [InlineData("192.168.49.0/24,fd00:192:168:49::/64", "10.96.0.0/12,fd00:10:96::/112", "10.244.0.0/16,fd00:10:244::/56", "")]
    [InlineData("192.168.50.0/24", "10.96.0.0/12,fd00:1::/112", null, "service-cluster-ip-range,subnet")]
    [InlineData("192.168.49.0/24,fd00:5::/64", null, null, "subnet")]
    public void An_existing_cluster_keeps_its_ranges(string? subnet, string? services, string? pods, string ignored) =>
        Assert.Equal(ignored, string.Join(',', ClusterRanges.Of(Request(subnet, services, pods)).Ignored(Profile)));

    [Fact]
    public void Nodes_of_a_dual_stack_cluster_have_the_same_numbers_in_both_families()
    {
        var nodes = ClusterPlan.Nodes(Profile with { StaticIP = "192.168.49.77" }, 2);
        Assert.Equal(["192.168.49.77 fd00:192:168:49::4d 10.244.0.0/24 fd00:10:244::/64", "192.168.49.78 fd00:192:168:49::4e 10.244.1.0/24 fd00:10:244:1::/64"], nodes.Select(n => $"{n.IP} {n.IPv6} {n.PodCidr} {n.PodCidrV6}"));
        var profile = Profile with { Nodes = nodes };
        var config = ClusterPlan.NodeOf(profile, nodes[1]);
        Assert.Equal(["192.168.49.78", "fd00:192:168:49::4e"], config.NodeIPs.Select(ip => ip.ToString()));
        Assert.Equal(["10.96.0.10", "fd00:10:96::a"], config.ClusterDNSAddresses.Select(ip => ip.ToString()));
        Assert.Equal(["10.244.0.0/16", OwnPods], config.ClusterCIDRs);
        Assert.Equal(["10.244.1.0/24", "fd00:10:244:1::/64"], config.PodCIDRs);
        Assert.Equal(["10.96.0.0/12", Own], config.ServiceCIDRs);
        var machine = ClusterPlan.MachineOf(new("/home/me/.kobune"), profile, nodes[1], "/usr/bin/kobune", new Dictionary<string, string>());
        Assert.Equal(new("fd00:192:168:49::/64", "fd00:192:168:49::4e", "fd00:192:168:49::1", "fd00:10:244:1::/64", OwnPods), machine.IPv6);
        Assert.Equal([new("demo", "192.168.49.77", "10.244.0.0/24", "fd00:192:168:49::4d", "fd00:10:244::/64")], machine.Peers);
    }

    [Fact]
    public void Nodes_of_a_cluster_of_IPv4_have_nothing_of_the_other()
    {
        var profile = Profile with { IPv6 = null };
        profile = profile with { Nodes = ClusterPlan.Nodes(profile, 1) };
        Assert.Equal((null, null), (profile.Primary.IPv6, profile.Primary.PodCidrV6));
        var config = ClusterPlan.NodeOf(profile, profile.Primary);
        Assert.Null(config.IPv6);
        Assert.Equal(["192.168.49.2"], config.NodeIPs.Select(ip => ip.ToString()));
        Assert.Equal(["10.244.0.0/24"], config.PodCIDRs);
    }

    private static ProfileConfig Profile { get; } = new() { Name = "demo", Subnet = "192.168.49.0/24", IPv6 = new() { Subnet = "fd00:192:168:49::/64" } };

    private static StartRequest Request(string? subnet, string? services, string? pods) => new()
    {
        Profile = "demo",
        Subnet = subnet,
        Kubernetes = new() { ServiceCidr = services, ExtraConfig = pods is null ? null : ["kubelet.max-pods=20", "kubeadm.pod-network-cidr=" + pods] },
    };
}
