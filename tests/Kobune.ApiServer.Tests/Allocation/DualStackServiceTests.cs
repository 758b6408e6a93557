using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Allocation;

public class DualStackServiceTests
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Addresses = "/apis/networking.k8s.io/v1/ipaddresses";
    private const string MergePatch = "application/merge-patch+json";

    [Fact]
    public async Task A_service_of_both_families_has_an_address_of_each_and_gives_both_back()
    {
        await using var server = await StartAsync();
        var spec = (await CreateAsync(server, "a", "\"ipFamilyPolicy\":\"RequireDualStack\","))["spec"]!;
        Assert.Equal(("""["IPv4","IPv6"]""", 2), (spec["ipFamilies"]!.ToJsonString(), Ips(spec).Length));
        Assert.Equal((string?)spec["clusterIP"], Ips(spec)[0]);
        Assert.StartsWith("fd00:10:96::", Ips(spec)[1], StringComparison.Ordinal);
        var address = await server.MustAsync("GET", $"{Addresses}/{Ips(spec)[1]}");
        Assert.Equal("IPv6", (string?)address["metadata"]!["labels"]!["ipaddress.kubernetes.io/ip-family"]);
        await server.MustAsync("DELETE", $"{Services}/a");
        Assert.Equal(0, await AddressesAsync(server));
    }

    [Fact]
    public async Task The_second_address_comes_and_goes_with_the_policy()
    {
        await using var server = await StartAsync();
        var first = Ips((await CreateAsync(server, "a", ""))["spec"]!);
        var both = (await PatchAsync(server, "a", """{"ipFamilyPolicy":"PreferDualStack"}"""))["spec"]!;
        Assert.Equal((first[0], 2, """["IPv4","IPv6"]"""), (Ips(both)[0], Ips(both).Length, both["ipFamilies"]!.ToJsonString()));
        Assert.Equal(2, await AddressesAsync(server));
        var again = (await server.MustAsync("PUT", $"{Services}/a", Body("a", "")))["spec"]!;
        Assert.Equal(Ips(both), Ips(again));
        var single = (await PatchAsync(server, "a", """{"ipFamilyPolicy":"SingleStack"}"""))["spec"]!;
        Assert.Equal((first[0], 1, """["IPv4"]"""), (Ips(single)[0], Ips(single).Length, single["ipFamilies"]!.ToJsonString()));
        Assert.Equal(1, await AddressesAsync(server));
    }

    [Fact]
    public async Task A_change_to_an_external_name_gives_both_back_and_a_change_from_it_takes_anew()
    {
        await using var server = await StartAsync();
        await CreateAsync(server, "a", "\"ipFamilyPolicy\":\"RequireDualStack\",");
        var external = (await PatchAsync(server, "a", """{"type":"ExternalName","externalName":"example.com"}"""))["spec"]!;
        Assert.All(["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"], name => Assert.Null(external[name]));
        Assert.Equal(0, await AddressesAsync(server));
        var back = (await PatchAsync(server, "a", """{"type":"ClusterIP","externalName":null,"ipFamilies":["IPv6"]}"""))["spec"]!;
        Assert.Equal(("SingleStack", """["IPv6"]"""), ((string?)back["ipFamilyPolicy"], back["ipFamilies"]!.ToJsonString()));
        Assert.Contains(':', (string)back["clusterIP"]!);
    }

    [Fact]
    public async Task Addresses_are_asked_for_in_both_ranges()
    {
        await using var server = await StartAsync();
        var spec = (await CreateAsync(server, "a", "\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"FD00:10:96::0077\",\"clusterIPs\":[\"FD00:10:96::0077\",\"10.96.0.77\"],"))["spec"]!;
        Assert.Equal("""["IPv6","IPv4"]""", spec["ipFamilies"]!.ToJsonString());
        await server.MustAsync("GET", $"{Addresses}/fd00:10:96::77");
        var taken = await server.SendAsync("POST", Services, Body("b", "\"clusterIP\":\"fd00:10:96::77\","));
        Assert.Equal((422, "Service \"b\" is invalid: spec.clusterIPs: Invalid value: [\"fd00:10:96::77\"]: failed to allocate IP fd00:10:96::77: provided IP is already allocated"), (taken.Code, taken.Message));
        var outside = await server.SendAsync("POST", Services, Body("b", "\"clusterIP\":\"fd00:10:97::1\","));
        Assert.Equal("Service \"b\" is invalid: spec.clusterIPs: Invalid value: [\"fd00:10:97::1\"]: failed to allocate IP fd00:10:97::1: the provided network does not match the current range", outside.Message);
        Assert.Equal(2, await AddressesAsync(server));
        await server.MustAsync("DELETE", $"{Services}/a");
        Assert.Equal(0, await AddressesAsync(server));
    }

    [Theory]
    [InlineData("\"type\":\"ExternalName\",\"externalName\":\"example.com\",\"ipFamilies\":[\"IPv4\"],\"ipFamilyPolicy\":\"SingleStack\",", "spec.ipFamilies: Forbidden: may not be set for ExternalName services, spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services")]
    [InlineData("\"clusterIPs\":[\"10.96.0.9\"],", "spec.clusterIPs: Invalid value: [\"10.96.0.9\"]: must be empty when `clusterIP` is not specified")]
    [InlineData("\"clusterIP\":\"10.96.0.9\",\"clusterIPs\":[\"10.96.0.8\"],", "spec.clusterIPs: Invalid value: [\"10.96.0.8\"]: first value must match `clusterIP`")]
    [InlineData("\"ipFamilies\":[\"IPv4\",\"IPv6\"],", "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified")]
    public async Task What_does_not_fit_together_is_refused_and_takes_nothing(string fields, string expected)
    {
        await using var server = await StartAsync();
        var answer = await server.SendAsync("POST", Services, Body("a", fields));
        Assert.Equal(422, answer.Code);
        Assert.Contains(expected, answer.Message, StringComparison.Ordinal);
        Assert.Equal(0, await AddressesAsync(server));
    }

    [Fact]
    public async Task A_cluster_of_one_family_refuses_two_and_gives_one_to_who_prefers_two()
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", Services, Body("a", "\"ipFamilyPolicy\":\"RequireDualStack\","));
        Assert.Equal((422, "Service \"a\" is invalid: spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services"), (refused.Code, refused.Message));
        var spec = (await CreateAsync(server, "a", "\"ipFamilyPolicy\":\"PreferDualStack\","))["spec"]!;
        Assert.Equal(("PreferDualStack", """["IPv4"]""", 1), ((string?)spec["ipFamilyPolicy"], spec["ipFamilies"]!.ToJsonString(), Ips(spec).Length));
    }

    [Fact]
    public async Task The_servers_own_objects_tell_both_ranges_and_the_kubernetes_service_has_the_first()
    {
        await using var server = await TestServer.StartAsync(o => o with { ServiceRange = "10.96.0.0/12,fd00:10:96::/112", KeepsSystemObjects = true, Advertise = new(System.Net.IPAddress.Parse("192.168.49.2"), 8443) });
        var spec = (await server.MustAsync("GET", $"{Services}/kubernetes"))["spec"]!;
        Assert.Equal(("""["10.96.0.1"]""", """["IPv4"]""", "SingleStack"), (spec["clusterIPs"]!.ToJsonString(), spec["ipFamilies"]!.ToJsonString(), (string?)spec["ipFamilyPolicy"]));
        Assert.Equal("""["10.96.0.0/12","fd00:10:96::/112"]""", (await server.MustAsync("GET", "/apis/networking.k8s.io/v1/servicecidrs/kubernetes"))["spec"]!["cidrs"]!.ToJsonString());
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(o => o with { ServiceRange = "10.96.0.0/12,fd00:10:96::/112" });

    private static string[] Ips(JsonNode spec) => [.. spec["clusterIPs"]!.AsArray().Select(n => (string)n!)];

    private static async Task<int> AddressesAsync(TestServer server) => (await server.MustAsync("GET", Addresses))["items"]!.AsArray().Count;

    private static Task<JsonObject> CreateAsync(TestServer server, string name, string fields) => server.MustAsync("POST", Services, Body(name, fields));

    private static Task<JsonObject> PatchAsync(TestServer server, string name, string spec) => server.MustAsync("PATCH", $"{Services}/{name}", $$"""{"spec":{{spec}}}""", MergePatch);

    private static string Body(string name, string fields) =>
        $"{{\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{{fields}\"selector\":{{\"app\":\"a\"}},\"ports\":[{{\"port\":80,\"protocol\":\"TCP\"}}]}}}}";
}
