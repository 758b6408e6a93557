using System.Text.Json;
using Kobune.Machine.Host;
using Kobune.Machine.Init;

namespace Kobune.Machine.Tests.Init;

public class NodeFilesTests
{
    private static readonly MachineSpec Spec = new()
    {
        Profile = "demo",
        Name = "demo-m02",
        Folder = "/home/me/.kobune/machines/demo-m02",
        Home = "/home/me/.kobune",
        Index = 1,
        Subnet = "192.168.49.0/24",
        Address = "192.168.49.3",
        Gateway = "192.168.49.1",
        PodCidr = "10.244.1.0/24",
        Peers = [new("demo", "192.168.49.2", "10.244.0.0/24")],
        Program = "/usr/local/bin/kobune",
        NodeCommand = [],
    };

    [Fact]
    public void The_cni_configuration_is_a_bridge_with_the_nodes_range()
    {
        var plugins = JsonDocument.Parse(NodeFiles.CniConfiguration(Spec)).RootElement.GetProperty("plugins");
        Assert.Equal("bridge", plugins[0].GetProperty("type").GetString());
        Assert.Equal("10.244.1.0/24", plugins[0].GetProperty("ipam").GetProperty("ranges")[0][0].GetProperty("subnet").GetString());
        Assert.Equal("portmap", plugins[1].GetProperty("type").GetString());
    }

    [Fact]
    public void A_node_knows_itself_its_host_and_the_others()
    {
        var lines = NodeFiles.Hosts(Spec).Split('\n');
        Assert.Contains("192.168.49.3\tdemo-m02", lines);
        Assert.Contains("192.168.49.1\thost.kobune.internal host.minikube.internal", lines);
        Assert.Contains("192.168.49.2\tcontrol-plane.kobune.internal control-plane.minikube.internal", lines);
        Assert.Contains("192.168.49.2\tdemo", lines);
        Assert.Contains("route replace 10.244.0.0/24 via 192.168.49.2", NodeFiles.Links(Spec), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_of_one_family_has_nothing_of_the_other() =>
        Assert.DoesNotContain("ip6", NodeFiles.Masquerade(Spec) + NodeFiles.Links(Spec) + NodeFiles.CniConfiguration(Spec), StringComparison.Ordinal);

    [Fact]
    public void A_dual_stack_node_has_addresses_ranges_routes_and_nat_of_both()
    {
        var spec = Spec with
        {
            IPv6 = new("fd00:192:168:49::/64", "fd00:192:168:49::3", "fd00:192:168:49::1", "fd00:10:244:1::/64", "fd00:10:244::/56"),
            Peers = [new("demo", "192.168.49.2", "10.244.0.0/24", "fd00:192:168:49::2", "fd00:10:244::/64")],
        };
        var ranges = JsonDocument.Parse(NodeFiles.CniConfiguration(spec)).RootElement.GetProperty("plugins")[0].GetProperty("ipam").GetProperty("ranges");
        Assert.Equal(["10.244.1.0/24", "fd00:10:244:1::/64"], ranges.EnumerateArray().Select(r => r[0].GetProperty("subnet").GetString()));
        Assert.Equal(
            """
            link set lo up
            address add 192.168.49.3/24 broadcast + dev eth0
            link set eth0 up
            route add default via 192.168.49.1
            route replace 10.244.0.0/24 via 192.168.49.2
            address add fd00:192:168:49::3/64 dev eth0 nodad
            route add default via fd00:192:168:49::1 dev eth0
            route replace fd00:10:244::/64 via fd00:192:168:49::2

            """.ReplaceLineEndings("\n"),
            NodeFiles.Links(spec));
        Assert.StartsWith(NodeFiles.Masquerade(Spec), NodeFiles.Masquerade(spec), StringComparison.Ordinal);
        Assert.Contains("table ip6 kobune-masquerade", NodeFiles.Masquerade(spec), StringComparison.Ordinal);
        Assert.Contains("ip6 saddr fd00:10:244:1::/64 ip6 daddr != fd00:10:244::/56 oifname \"eth0\" masquerade", NodeFiles.Masquerade(spec), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nameserver 10.0.0.53\n", null, "nameserver 10.0.0.53\n")]
    [InlineData("nameserver 127.0.0.53\nsearch lan\n", "nameserver 10.0.0.1\n", "nameserver 10.0.0.1\n")]
    [InlineData("nameserver 127.0.0.1\nsearch lan\n", null, "nameserver 192.168.49.1\nsearch lan\n")]
    [InlineData("nameserver 127.0.0.1\nnameserver 10.0.0.53\n", null, "nameserver 127.0.0.1\nnameserver 10.0.0.53\n")]
    public void A_resolver_on_the_hosts_loopback_is_passed_over(string host, string? resolved, string expected) =>
        Assert.Equal(expected, HostResolver.ResolvConf(host, resolved, "192.168.49.1"));

    [Theory]
    [InlineData("nameserver 10.0.0.53\n", null, null)]
    [InlineData("nameserver 127.0.0.53\n", "nameserver 10.0.0.1\n", null)]
    [InlineData("nameserver 127.0.0.1\n", null, "127.0.0.1")]
    [InlineData("", null, null)]
    public void Only_a_resolver_that_nobody_else_stands_for_is_relayed(string host, string? resolved, string? expected) =>
        Assert.Equal(expected, HostResolver.RelayTarget(host, resolved));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Containerd_is_told_what_this_machine_lacks(bool restricted)
    {
        var text = NodeFiles.ContainerdConfiguration("overlayfs", restricted);
        Assert.Contains($"restrict_oom_score_adj = {(restricted ? "true" : "false")}", text, StringComparison.Ordinal);
        Assert.Contains("SystemdCgroup = false", text, StringComparison.Ordinal);
        Assert.Contains("sandbox_image = \"registry.k8s.io/pause:3.10\"", text, StringComparison.Ordinal);
    }
}
