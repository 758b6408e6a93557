using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.Allocation;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>How addresses and ranges may be written: strictly with the feature StrictIPCIDRValidation (on since 1.36), sloppily without it, and as before where they were there before.</summary>
public class AddressRuleTests
{
    private const string BadIP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    private const string BadRange = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    private const string Zeros = "must not have leading 0s";
    private const string Mapped = "must not be an IPv4-mapped IPv6 address";
    private const string RangeZeros = "must not have leading 0s in IP or prefix length";
    private const string RangeMapped = "must not have an IPv4-mapped IPv6 address";
    private const string Beyond = "must not have bits set beyond the prefix length";
    private const string Policies = "networkpolicies.networking.k8s.io";
    private const string Ingresses = "ingresses.networking.k8s.io";
    private const string Service = """{"metadata":{"name":"s","annotations":{}},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""";
    private const string Ingress = """{"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}}}""";
    private const string Annotation = "service.beta.kubernetes.io/load-balancer-source-ranges";

    private static FeatureGates Sloppy => FeatureGates.Default(new KubernetesVersion(35, 0));

    /// <summary>The rows of upstream's TestIsValidIP: what is wrong with the gate, and without it.</summary>
    [Theory]
    [InlineData("1.2.3.4", "", "")]
    [InlineData("2001:db8::1", "", "")]
    [InlineData("2001:DB8::1", "", "")]
    [InlineData("2001:db8:0:0::2", "", "")]
    [InlineData("1.2.03.4", Zeros, "")]
    [InlineData("::ffff:1.2.3.4", Mapped, "")]
    [InlineData("::ffff:102:304", Mapped, "")]
    [InlineData("1.2.3.0/24", BadIP, BadIP)]
    [InlineData("fe80::1%eth0", BadIP, BadIP)]
    [InlineData("[2001:db8::1]", BadIP, BadIP)]
    [InlineData("1.2.3", BadIP, BadIP)]
    [InlineData("-1.0.0.0", BadIP, BadIP)]
    [InlineData("1.0.0.256", BadIP, BadIP)]
    [InlineData("a", BadIP, BadIP)]
    public void Addresses_of_older_fields(string value, string strict, string sloppy)
    {
        var service = With(Service, "spec.externalIPs", $"[\"{value}\"]");
        Assert.Equal(Told("spec.externalIPs[0]", value, strict), Create("services", service));
        Assert.Equal(Told("spec.externalIPs[0]", value, sloppy), Create("services", service, features: Sloppy));
    }

    /// <summary>The rows of upstream's TestIsValidCIDR.</summary>
    [Theory]
    [InlineData("1.0.0.0/8", "", "")]
    [InlineData("0.0.0.0/0", "", "")]
    [InlineData("2001:4860:4860::/48", "", "")]
    [InlineData("2a00:79e0:2:0::/64", "", "")]
    [InlineData("2001:DB8::/64", "", "")]
    [InlineData("1.1.01.0/24", RangeZeros, "")]
    [InlineData("1.0.0.0/08", RangeZeros, "")]
    [InlineData("::ffff:1.1.1.0/120", RangeMapped, "")]
    [InlineData("1.2.3.4/24", Beyond, "")]
    [InlineData("2001:db8::1/64", Beyond, "")]
    [InlineData("192.168.0.1", BadRange, BadRange)]
    [InlineData("1.0.0.0/33", BadRange, BadRange)]
    [InlineData("1.0.0.0/-1", BadRange, BadRange)]
    [InlineData("[2001:db8::]/64", BadRange, BadRange)]
    [InlineData("2001:db8::/129", BadRange, BadRange)]
    public void Ranges_of_older_fields(string value, string strict, string sloppy)
    {
        var policy = """{"metadata":{"name":"n"},"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"CIDR"}}]}]}}""".Replace("CIDR", value, StringComparison.Ordinal);
        Assert.Equal(Told("spec.ingress[0].from[0].ipBlock.cidr", value, strict), Create(Policies, policy));
        Assert.Equal(Told("spec.ingress[0].from[0].ipBlock.cidr", value, sloppy), Create(Policies, policy, features: Sloppy));
    }

    [Theory]
    [InlineData("services", Service, "spec.clusterIPs", """["010.0.0.1"]""", "spec.clusterIP", "\"010.0.0.1\"", "spec.clusterIPs[0]: Invalid value: \"010.0.0.1\": " + Zeros)]
    [InlineData("services", Service, "spec.externalIPs", """["::ffff:1.2.3.4"]""", "spec.externalIPs", """["::ffff:1.2.3.4"]""", "spec.externalIPs[0]: Invalid value: \"::ffff:1.2.3.4\": " + Mapped)]
    [InlineData("services", Service, "spec.loadBalancerSourceRanges", """[" 10.0.0.1/8 "]""", "spec.loadBalancerSourceRanges", """["10.0.0.1/8"]""", "spec.LoadBalancerSourceRanges[0]: Invalid value: \"10.0.0.1/8\": " + Beyond)]
    [InlineData("services", Service, "metadata.annotations", $$"""{"{{Annotation}}":"10.0.0.0/8, 10.0.0.1/8"}""", "metadata.labels", """{"a":"b"}""", "metadata.annotations[" + Annotation + "]: Invalid value: \"10.0.0.1/8\": " + Beyond)]
    public void What_was_there_before_may_stay(string resource, string json, string path, string value, string changed, string change, string problem)
    {
        var odd = With(json, path, value);
        if (path == "spec.clusterIPs")
        {
            odd = With(odd, changed, change);
        }

        Assert.Equal(problem, Create(resource, odd));
        Assert.Equal(problem, Update(resource, json, odd).Split('\n')[^1]);
        Assert.Equal("", Update(resource, odd, With(odd, changed, change)));
    }

    [Theory]
    [InlineData("services", Service)]
    [InlineData(Ingresses, Ingress)]
    public void A_balancer_tells_of_addresses_strictly(string resource, string json)
    {
        const string Path = "status.loadBalancer.ingress[0].ip";
        var odd = With(json, "status", """{"loadBalancer":{"ingress":[{"ip":"1.2.3.04"}]}}""");
        Assert.Equal(Told(Path, "1.2.3.04", Zeros), Update(resource, json, odd, "status"));
    }

    [Fact]
    public void Pods_and_nodes_want_them_too()
    {
        const string Pod = """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}],"dnsConfig":{"nameservers":["1.2.3.04"]},"hostAliases":[{"ip":"::ffff:1.2.3.4"}]}}""";
        var problems = Create("pods", Pod);
        Assert.Contains(Told("spec.dnsConfig.nameservers[0]", "1.2.3.04", Zeros), problems, StringComparison.Ordinal);
        Assert.Contains(Told("spec.hostAliases[0].ip", "::ffff:1.2.3.4", Mapped), problems, StringComparison.Ordinal);
        Assert.Equal("", Create("pods", Pod, features: Sloppy));
        Assert.Equal(Told("spec.podCIDRs[0]", "10.0.0.1/24", Beyond), Create("nodes", """{"metadata":{"name":"n"},"spec":{"podCIDRs":["10.0.0.1/24"]}}"""));
    }

    [Fact]
    public void Ranges_of_a_node_are_of_two_families_and_different() => Assert.Equal(
        "spec.podCIDRs: Invalid value: [\"10.0.0.0/24\",\"10.0.0.0/24\"]: may specify no more than one CIDR for each IP family\nspec.podCIDRs[1]: Duplicate value: \"10.0.0.0/24\"",
        Create("nodes", """{"metadata":{"name":"n"},"spec":{"podCIDRs":["10.0.0.0/24","10.0.0.0/24"]}}"""));

    [Theory]
    [InlineData("010.96.0.5", "10.96.0.5")]
    [InlineData("2001:DB8::0:1", "2001:db8::1")]
    public void An_address_is_taken_whatever_way_it_is_written(string written, string taken) => Assert.Equal(IPAddressObject.KeyOf(taken), IPAddressObject.KeyOf(written));

    [Fact]
    public void Sloppy_ones_are_told_of()
    {
        var service = With(With(Service, "spec.externalIPs", """["::ffff:1.2.3.4","1.2.3.04"]"""), "spec.loadBalancerSourceRanges", """["010.0.0.1/8"]""");
        Assert.Equal(
            "spec.externalIPs[0]: non-standard IP address \"::ffff:1.2.3.4\" will be considered invalid in a future Kubernetes release: use \"1.2.3.4\"\n" +
            "spec.externalIPs[1]: non-standard IP address \"1.2.3.04\" will be considered invalid in a future Kubernetes release: use \"1.2.3.4\"\n" +
            "spec.loadBalancerSourceRanges[0]: CIDR value \"010.0.0.1/8\" is ambiguous in this context (should be \"10.0.0.0/8\" or \"10.0.0.1/32\"?)\n" +
            "spec.loadBalancerSourceRanges[0]: non-standard CIDR value \"010.0.0.1/8\" will be considered invalid in a future Kubernetes release: use \"10.0.0.0/8\"",
            WarningsOfCreate("services", service, 35));
    }

    [Fact]
    public void An_external_name_has_no_policy_for_traffic_from_outside() => Assert.Equal(
        "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services",
        Create("services", """{"metadata":{"name":"s"},"spec":{"type":"ExternalName","externalName":"a.b","externalIPs":["1.2.3.4"],"externalTrafficPolicy":"Local"}}"""));

    private static string Told(string path, string value, string problem) => problem.Length == 0 ? "" : $"{path}: Invalid value: \"{value}\": {problem}";
}
