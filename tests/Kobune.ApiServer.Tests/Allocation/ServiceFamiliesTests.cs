using Kobune.ApiServer.Allocation;
using Kobune.ApiServer.Kinds.Services;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Tests.Allocation;

/// <summary>A Service is written "policy families ips", "-" for what is not said; "headless", "selectorless" and "external" may follow.</summary>
public class ServiceFamiliesTests
{
    private const string V4 = "10.96.0.20";
    private const string V6 = "fd00::20";
    private static readonly string[] Dual = ["IPv4", "IPv6"];
    private static readonly string[] DualV6 = ["IPv6", "IPv4"];
    private static readonly string[] Single = ["IPv4"];

    private sealed record Case(string Name, string[] Cluster, string Now, string Expected, string? Before = null);

    private static readonly Case[] Cases =
    [
        new("nothing said", Dual, "- - -", "SingleStack IPv4 -"),
        new("nothing said, IPv6 first", DualV6, "- - -", "SingleStack IPv6 -"),
        new("single", Dual, "SingleStack - -", "SingleStack IPv4 -"),
        new("single of the other family", Dual, "SingleStack IPv6 -", "SingleStack IPv6 -"),
        new("a family alone", Dual, "- IPv6 -", "SingleStack IPv6 -"),
        new("an address alone", Dual, $"- - {V6}", $"SingleStack IPv6 {V6}"),
        new("prefer", Dual, "PreferDualStack - -", "PreferDualStack IPv4,IPv6 -"),
        new("prefer, IPv6 first", Dual, "PreferDualStack IPv6 -", "PreferDualStack IPv6,IPv4 -"),
        new("prefer with an address", Dual, $"PreferDualStack - {V6}", $"PreferDualStack IPv6,IPv4 {V6}"),
        new("prefer on a single-stack cluster", Single, "PreferDualStack - -", "PreferDualStack IPv4 -"),
        new("require", Dual, "RequireDualStack - -", "RequireDualStack IPv4,IPv6 -"),
        new("require with both addresses", Dual, $"RequireDualStack - {V6},{V4}", $"RequireDualStack IPv6,IPv4 {V6},{V4}"),
        new("require on a single-stack cluster", Single, "RequireDualStack - -", "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services"),
        new("a family that the cluster has not", Single, "- IPv6 -", "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster"),
        new("prefer with a family that the cluster has not", Single, "PreferDualStack IPv4,IPv6 -", "spec.ipFamilies[1]: Invalid value: \"IPv6\": not configured on this cluster"),
        new("an address whose family the cluster has not", Single, $"- - {V6}", $"spec.clusterIPs[0]: Invalid value: [\"{V6}\"]: IPv6 is not configured on this cluster"),
        new("two families without a policy", Dual, "- IPv4,IPv6 -", "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"),
        new("two addresses without a policy", Dual, $"- - {V4},{V6}", "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"),
        new("an address of another family than said", Dual, $"PreferDualStack IPv4 {V6}", $"spec.clusterIPs[0]: Invalid value: \"{V6}\": expected an IPv4 value as indicated by `ipFamilies[0]`"),
        new("a second address of another family than said", Dual, $"PreferDualStack IPv6,IPv4 {V6},fd00::21", $"spec.clusterIPs: Invalid value: [\"{V6}\",\"fd00::21\"]: may specify no more than one IP for each IP family\nspec.clusterIPs[1]: Invalid value: \"fd00::21\": expected an IPv4 value as indicated by `ipFamilies[1]`"),
        new("one family twice", Dual, "PreferDualStack IPv4,IPv4 -", "spec.ipFamilies[1]: Duplicate value: \"IPv4\""),
        new("a family that is none", Dual, "- IPX -", "spec.ipFamilies[0]: Unsupported value: \"IPX\": supported values: \"IPv4\", \"IPv6\""),
        new("a policy that is none", Dual, "Both - -", "spec.ipFamilyPolicy: Unsupported value: \"Both\": supported values: \"PreferDualStack\", \"RequireDualStack\", \"SingleStack\""),
        new("three addresses", Dual, $"RequireDualStack - {V4},{V6},10.96.0.21", $"spec.clusterIPs: Invalid value: [\"{V4}\",\"{V6}\",\"10.96.0.21\"]: may only hold up to 2 values"),
        new("None and an address", Dual, $"- - None,{V6}", $"spec.clusterIPs: Invalid value: [\"None\",\"{V6}\"]: 'None' must be the first and only value"),
        new("an address and None", Dual, $"PreferDualStack - {V6},None", "spec.clusterIPs[1]: Invalid value: \"None\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),

        new("headless", Dual, "- - None", "SingleStack IPv4 None"),
        new("headless, prefer", Dual, "PreferDualStack - None", "PreferDualStack IPv4,IPv6 None"),
        new("headless, prefer on a single-stack cluster", Single, "PreferDualStack - None", "PreferDualStack IPv4 None"),
        new("headless, require on a single-stack cluster", Single, "RequireDualStack - None", "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services"),
        new("headless without a selector", Dual, "- - None selectorless", "RequireDualStack IPv4,IPv6 None"),
        new("headless without a selector on a single-stack cluster", Single, "- - None selectorless", "RequireDualStack IPv4,IPv6 None"),
        new("headless without a selector, of one family", Single, "SingleStack IPv6 None selectorless", "SingleStack IPv6 None"),
        new("headless without a selector, prefer", Single, "PreferDualStack IPv6 None selectorless", "PreferDualStack IPv6,IPv4 None"),
        new("ExternalName", Dual, "- - - external", "- - -"),

        new("an update that says nothing", Dual, $"- - {V4},{V6}", $"RequireDualStack IPv4,IPv6 {V4},{V6}", $"RequireDualStack IPv4,IPv6 {V4},{V6}"),
        new("single becomes require", Dual, $"RequireDualStack IPv4 {V4}", $"RequireDualStack IPv4,IPv6 {V4}", $"SingleStack IPv4 {V4}"),
        new("single becomes prefer with the second address named", Dual, $"PreferDualStack IPv4 {V4},{V6}", $"PreferDualStack IPv4,IPv6 {V4},{V6}", $"SingleStack IPv4 {V4}"),
        new("single of IPv6 becomes prefer", Dual, $"PreferDualStack IPv6 {V6}", $"PreferDualStack IPv6,IPv4 {V6}", $"SingleStack IPv6 {V6}"),
        new("dual becomes single by policy alone", Dual, $"SingleStack IPv4,IPv6 {V4},{V6}", $"SingleStack IPv4 {V4}", $"RequireDualStack IPv4,IPv6 {V4},{V6}"),
        new("dual becomes single by policy and families", Dual, $"SingleStack IPv4 {V4},{V6}", $"SingleStack IPv4 {V4}", $"PreferDualStack IPv4,IPv6 {V4},{V6}"),
        new("dual loses an address without a policy", Dual, $"- IPv4,IPv6 {V4}", "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": must be 'SingleStack' to release the secondary cluster IP", $"RequireDualStack IPv4,IPv6 {V4},{V6}"),
        new("dual loses a family without a policy", Dual, $"- IPv4 {V4},{V6}", "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to release the secondary IP family", $"PreferDualStack IPv4,IPv6 {V4},{V6}"),
        new("single and other families", Dual, $"SingleStack IPv6,IPv4 {V4},{V6}", $"spec.clusterIPs[0]: Invalid value: \"{V4}\": expected an IPv6 value as indicated by `ipFamilies[0]`\nspec.clusterIPs[1]: Invalid value: \"{V6}\": expected an IPv4 value as indicated by `ipFamilies[1]`", $"RequireDualStack IPv4,IPv6 {V4},{V6}"),
        new("prefer stays single when the cluster became dual-stack", Dual, $"PreferDualStack IPv4 {V4}", $"PreferDualStack IPv4 {V4}", $"PreferDualStack IPv4 {V4}"),
        new("prefer stays dual when the cluster became single-stack", Single, $"PreferDualStack IPv4,IPv6 {V4},{V6}", $"PreferDualStack IPv4,IPv6 {V4},{V6}", $"PreferDualStack IPv4,IPv6 {V4},{V6}"),
        new("ExternalName gets a cluster IP", Dual, "- - -", "SingleStack IPv4 -", "- - - external"),
        new("headless changes its families", Dual, "PreferDualStack IPv6 None", "PreferDualStack IPv6,IPv4 None", "SingleStack IPv4 None"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Settle(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var errors = new FieldErrors();
        var settled = new ServiceFamilies(c.Cluster).Settle(Read(c.Now), c.Before is null ? null : Read(c.Before), errors);
        Assert.Equal(c.Expected, errors.Items.Count > 0 ? string.Join('\n', errors.Items.Select(e => $"{e.Field}: {e.Message}")) : Write(settled));
    }

    [Theory]
    [InlineData("SingleStack IPv4 10.96.0.20", "SingleStack IPv4 10.96.0.21", "spec.clusterIPs[0]: Invalid value: [\"10.96.0.21\"]: may not change once set")]
    [InlineData("SingleStack IPv4 10.96.0.20", "SingleStack IPv4 -", "spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset")]
    [InlineData("SingleStack IPv4 10.96.0.20", "SingleStack IPv4 None", "spec.clusterIPs[0]: Invalid value: [\"None\"]: may not change once set")]
    [InlineData("SingleStack IPv4 10.96.0.20", "RequireDualStack IPv4,IPv6 10.96.0.20,fd00::20", "")]
    [InlineData("SingleStack IPv4 10.96.0.20", "RequireDualStack IPv6,IPv4 fd00::20,10.96.0.20", "spec.clusterIPs[0]: Invalid value: [\"fd00::20\",\"10.96.0.20\"]: may not change once set\nspec.ipFamilies[0]: Invalid value: [\"IPv6\",\"IPv4\"]: may not change once set")]
    [InlineData("RequireDualStack IPv4,IPv6 10.96.0.20,fd00::20", "SingleStack IPv4 10.96.0.20", "")]
    [InlineData("RequireDualStack IPv4,IPv6 10.96.0.20,fd00::20", "PreferDualStack IPv4 10.96.0.20", "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the secondary clusterIP\nspec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the secondary ipFamily")]
    [InlineData("RequireDualStack IPv4,IPv6 10.96.0.20,fd00::20", "RequireDualStack IPv4,IPv6 10.96.0.20,fd00::21", "spec.clusterIPs[1]: Invalid value: [\"10.96.0.20\",\"fd00::21\"]: may not change once set")]
    [InlineData("RequireDualStack IPv4,IPv6 10.96.0.20,fd00::20", "SingleStack IPv6 fd00::20", "spec.clusterIPs[0]: Invalid value: [\"fd00::20\"]: may not change once set\nspec.ipFamilies[0]: Invalid value: [\"IPv6\"]: may not change once set")]
    [InlineData("SingleStack IPv4 None", "PreferDualStack IPv6,IPv4 None", "")]
    [InlineData("SingleStack IPv4 10.96.0.20", "- - - external", "")]
    [InlineData("- - - external", "SingleStack IPv6 fd00::20", "")]
    public void What_was_given_stays(string before, string now, string expected)
    {
        var errors = new FieldErrors();
        ServiceAddressRules.CheckUpdate(Read(now), Read(before), errors);
        Assert.Equal(expected, string.Join('\n', errors.Items.Select(e => $"{e.Field}: {e.Message}")));
    }

    [Theory]
    [InlineData("10.96.0.0/12", "10.96.0.1", 256, "10.96.0.0 no|10.96.0.1 yes|10.111.255.254 yes|10.111.255.255 no|10.112.0.1 no|10.95.255.255 no|fd00::1 no")]
    [InlineData("10.96.0.0/26", "10.96.0.1", 16, "10.96.0.62 yes|10.96.0.63 no")]
    [InlineData("fd00:10:96::/112", "fd00:10:96::1", 256, "fd00:10:96:: no|fd00:10:96::1 yes|fd00:10:96::ffff yes|fd00:10:96::1:0 no|fd00:10:95:ffff:ffff:ffff:ffff:ffff no|10.96.0.1 no")]
    [InlineData("fd00:10:96::/64", "fd00:10:96::1", 256, "fd00:10:96::ffff:ffff:ffff:ffff yes|fd00:10:96:1:: no")]
    public void Ranges_of_both_families(string text, string first, uint staticBand, string addresses)
    {
        var range = new ClusterIPRange(text);
        Assert.Equal((first, staticBand), (range.First.ToString(), range.Static));
        Assert.All(addresses.Split('|'), a => Assert.Equal(a.EndsWith(" yes", StringComparison.Ordinal), range.Contains(System.Net.IPAddress.Parse(a.Split(' ')[0]))));
        var taken = range.Candidates(new Random(7)).Take(200).ToList();
        Assert.Equal(taken.Count, taken.Distinct().Count());
        Assert.All(taken, a => Assert.True(range.Contains(a), a.ToString()));
    }

    [Theory]
    [InlineData("10.96.0.0/26")]
    [InlineData("fd00::/122")]
    public void Every_address_of_a_range_is_a_candidate_once(string text)
    {
        var range = new ClusterIPRange(text);
        var all = range.Candidates(new Random(3)).Select(a => a.ToString()).ToList();
        Assert.Equal(text.Contains(':', StringComparison.Ordinal) ? 63 : 62, all.Count);
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    private static ServiceAddressing Read(string text)
    {
        var words = text.Split(' ');
        var ips = List(words[2]);
        return new()
        {
            Type = words.Contains("external") ? "ExternalName" : "ClusterIP",
            HasSelector = !words.Contains("selectorless"),
            Policy = words[0] == "-" ? null : words[0],
            Families = List(words[1]),
            ClusterIPs = ips,
            ClusterIP = ips.FirstOrDefault(""),
        };
    }

    private static string[] List(string text) => text == "-" ? [] : text.Split(',');

    private static string Write(ServiceAddressing service) => $"{service.Policy ?? "-"} {Text(service.Families)} {Text(service.ClusterIPs)}";

    private static string Text(IReadOnlyList<string> list) => list.Count == 0 ? "-" : string.Join(',', list);
}
