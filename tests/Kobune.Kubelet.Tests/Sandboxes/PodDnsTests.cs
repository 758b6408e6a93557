using Kobune.Api.Core.V1;
using Kobune.Kubelet.Sandboxes;

namespace Kobune.Kubelet.Tests.Sandboxes;

public class PodDnsTests
{
    private static readonly ResolvConf Host = ResolvConf.Parse("# comment\nnameserver 1.1.1.1\nsearch corp.test.\noptions edns0\n");

    private static string Compute(PodSpec spec)
    {
        var (found, warnings) = PodDns.Compute(new Pod { Metadata = new() { Namespace = "app" }, Spec = spec }, ["10.96.0.10"], "cluster.local", Host);
        Assert.Empty(warnings);
        return $"{string.Join(',', found.Servers)} | {string.Join(',', found.Searches)} | {string.Join(',', found.Options)}";
    }

    private const string Cluster = "10.96.0.10 | app.svc.cluster.local,svc.cluster.local,cluster.local,corp.test | ndots:5";

    [Theory]
    [InlineData("ClusterFirst", false, Cluster)]
    [InlineData("ClusterFirst", true, "1.1.1.1 | corp.test | edns0")]
    [InlineData("ClusterFirstWithHostNet", true, Cluster)]
    [InlineData("Default", false, "1.1.1.1 | corp.test | edns0")]
    [InlineData("ClusterFirstWithHostNet", false, Cluster)]
    [InlineData("Default", true, "1.1.1.1 | corp.test | edns0")]
    [InlineData("None", false, " |  | ")]
    [InlineData("None", true, " |  | ")]
    public void Policy_decides(string policy, bool hostNetwork, string expected) => Assert.Equal(expected, Compute(new() { DNSPolicy = policy, HostNetwork = hostNetwork }));

    [Fact]
    public void Own_configuration_is_added() => Assert.Equal(
        "10.96.0.10,9.9.9.9 | app.svc.cluster.local,svc.cluster.local,cluster.local,corp.test,my.test | ndots:2,debug",
        Compute(new() { DNSPolicy = "ClusterFirst", DNSConfig = new() { Nameservers = ["9.9.9.9"], Searches = ["my.test"], Options = [new() { Name = "ndots", Value = "2" }, new() { Name = "debug" }] } }));

    [Theory]
    [InlineData("None", "9.9.9.9 | my.test | ndots:2")]
    [InlineData("Default", "1.1.1.1,9.9.9.9 | corp.test,my.test | edns0,ndots:2")]
    [InlineData("ClusterFirst", "10.96.0.10,9.9.9.9 | app.svc.cluster.local,svc.cluster.local,cluster.local,corp.test,my.test | ndots:2")]
    public void Own_configuration_goes_with_every_policy(string policy, string expected) => Assert.Equal(
        expected, Compute(new() { DNSPolicy = policy, DNSConfig = new() { Nameservers = ["9.9.9.9"], Searches = ["my.test"], Options = [new() { Name = "ndots", Value = "2" }] } }));

    [Fact]
    public void What_is_there_already_is_not_added_again() => Assert.Equal(
        "1.1.1.1,9.9.9.9 | corp.test,my.test | edns0,timeout:3",
        Compute(new() { DNSPolicy = "Default", DNSConfig = new() { Nameservers = ["1.1.1.1", "9.9.9.9", "9.9.9.9"], Searches = ["corp.test", "my.test", "my.test"], Options = [new() { Name = "edns0" }, new() { Name = "timeout", Value = "1" }, new() { Name = "timeout", Value = "3" }] } }));

    [Fact]
    public void Name_servers_end_with_the_third()
    {
        var spec = new PodSpec { DNSPolicy = "ClusterFirst", DNSConfig = new() { Nameservers = ["9.9.9.1", "9.9.9.2", "9.9.9.3"] } };
        var (conf, warnings) = PodDns.Compute(new Pod { Metadata = new() { Namespace = "app" }, Spec = spec }, ["10.96.0.10"], "cluster.local", Host);
        Assert.Equal(["10.96.0.10", "9.9.9.1", "9.9.9.2"], conf.Servers);
        Assert.Equal(("DNSConfigForming", "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 9.9.9.1 9.9.9.2"), Assert.Single(warnings));
    }

    /// <summary>How many search domains of which length the pod asks for, and how many of them stay (None: no others).</summary>
    [Theory]
    [InlineData(32, 10, 32)]
    [InlineData(33, 10, 32)]
    [InlineData(8, 253, 8)]   // 8 * 253 + 7 = 2031
    [InlineData(9, 253, 8)]
    [InlineData(2, 254, 0)]   // a path that makes glibc abort
    [InlineData(11, 185, 11)] // 2045
    [InlineData(11, 186, 10)] // 2056
    public void Search_domains_have_limits(int asked, int length, int kept)
    {
        List<string> searches = [.. Enumerable.Range(0, asked).Select(i => $"{i:00}".PadRight(length, 'a'))];
        var spec = new PodSpec { DNSPolicy = "None", DNSConfig = new() { Searches = searches } };
        var (conf, warnings) = PodDns.Compute(new Pod { Spec = spec }, [], "cluster.local", Host);
        Assert.Equal(searches.Take(kept), conf.Searches);
        Assert.Equal(
            kept == asked ? [] : [("DNSConfigForming", "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: " + string.Join(' ', searches.Take(kept)))],
            warnings);
    }

    [Fact]
    public void Without_a_cluster_DNS_pods_get_the_nodes_and_are_told()
    {
        var pod = new Pod { Metadata = new() { Namespace = "app", Name = "web", Uid = "u" }, Spec = new() { DNSPolicy = "ClusterFirst" } };
        var (conf, warnings) = PodDns.Compute(pod, [], "cluster.local", Host);
        Assert.Equal((string.Join(',', Host.Servers), "corp.test"), (string.Join(',', conf.Servers), string.Join(',', conf.Searches)));
        Assert.Equal(
            ("MissingClusterDNS", "pod: \"web_app(u)\". kubelet does not have ClusterDNS IP configured and cannot create Pod using \"ClusterFirst\" policy. Falling back to \"Default\" policy."),
            Assert.Single(warnings));
    }

    [Theory]
    [InlineData("Default", "127.0.0.1 | .")]
    [InlineData("ClusterFirst", "10.96.0.10 | app.svc.cluster.local,svc.cluster.local,cluster.local")]
    [InlineData("None", " | ")]
    public void A_kubelet_without_a_resolv_conf(string policy, string expected)
    {
        var conf = PodDns.Compute(new Pod { Metadata = new() { Namespace = "app" }, Spec = new() { DNSPolicy = policy } }, ["10.96.0.10"], "cluster.local", null).Conf;
        Assert.Equal(expected, $"{string.Join(',', conf.Servers)} | {string.Join(',', conf.Searches)}");
    }

    [Fact]
    public void Hosts_file_names_the_pod_and_its_aliases()
    {
        var pod = new Pod { Spec = new() { HostAliases = [new() { IP = "1.2.3.4", Hostnames = ["a", "b"] }] } };
        var text = HostsFile.ForPod(pod, ["10.1.1.1"], "web-0", "web.app.svc.cluster.local");
        Assert.StartsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n", text, StringComparison.Ordinal);
        Assert.EndsWith("10.1.1.1\tweb-0.web.app.svc.cluster.local\tweb-0\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n", text, StringComparison.Ordinal);
    }
}
