using Kobune.Api.Core.V1;
using Kobune.Kubelet.Sandboxes;

namespace Kobune.Kubelet.Tests.Sandboxes;

public class PodDnsTests
{
    private static readonly ResolvConf Host = ResolvConf.Parse("# comment\nnameserver 1.1.1.1\nsearch corp.test.\noptions edns0\n");

    private static string Compute(PodSpec spec)
    {
        var found = PodDns.Compute(new Pod { Metadata = new() { Namespace = "app" }, Spec = spec }, ["10.96.0.10"], "cluster.local", Host);
        return $"{string.Join(',', found.Servers)} | {string.Join(',', found.Searches)} | {string.Join(',', found.Options)}";
    }

    private const string Cluster = "10.96.0.10 | app.svc.cluster.local,svc.cluster.local,cluster.local,corp.test | ndots:5";

    [Theory]
    [InlineData("ClusterFirst", false, Cluster)]
    [InlineData("ClusterFirst", true, "1.1.1.1 | corp.test | edns0")]
    [InlineData("ClusterFirstWithHostNet", true, Cluster)]
    [InlineData("Default", false, "1.1.1.1 | corp.test | edns0")]
    [InlineData("None", false, " |  | ")]
    public void Policy_decides(string policy, bool hostNetwork, string expected) => Assert.Equal(expected, Compute(new() { DNSPolicy = policy, HostNetwork = hostNetwork }));

    [Fact]
    public void Own_configuration_is_added() => Assert.Equal(
        "10.96.0.10,9.9.9.9 | app.svc.cluster.local,svc.cluster.local,cluster.local,corp.test,my.test | ndots:2,debug",
        Compute(new() { DNSPolicy = "ClusterFirst", DNSConfig = new() { Nameservers = ["9.9.9.9"], Searches = ["my.test"], Options = [new() { Name = "ndots", Value = "2" }, new() { Name = "debug" }] } }));

    [Fact]
    public void Hosts_file_names_the_pod_and_its_aliases()
    {
        var pod = new Pod { Spec = new() { HostAliases = [new() { IP = "1.2.3.4", Hostnames = ["a", "b"] }] } };
        var text = HostsFile.ForPod(pod, ["10.1.1.1"], "web-0", "web.app.svc.cluster.local");
        Assert.StartsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n", text, StringComparison.Ordinal);
        Assert.EndsWith("10.1.1.1\tweb-0.web.app.svc.cluster.local\tweb-0\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n", text, StringComparison.Ordinal);
    }
}
