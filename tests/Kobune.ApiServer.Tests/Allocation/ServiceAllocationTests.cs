using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Allocation;

public class ServiceAllocationTests
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Addresses = "/apis/networking.k8s.io/v1/ipaddresses";

    [Fact]
    public async Task A_service_gets_an_address_and_gives_it_back()
    {
        await using var server = await TestServer.StartAsync();
        var service = await CreateAsync(server, "a", "");
        var ip = (string)service["spec"]!["clusterIP"]!;
        Assert.StartsWith("10.", ip, StringComparison.Ordinal);
        Assert.Equal($"[\"{ip}\"]", service["spec"]!["clusterIPs"]!.ToJsonString());
        Assert.Equal("SingleStack", (string?)service["spec"]!["ipFamilyPolicy"]);
        var address = await server.MustAsync("GET", $"{Addresses}/{ip}");
        Assert.Equal("a", (string?)address["spec"]!["parentRef"]!["name"]);
        await server.MustAsync("DELETE", $"{Services}/a");
        Assert.Empty((await server.MustAsync("GET", Addresses))["items"]!.AsArray());
    }

    [Fact]
    public async Task An_address_is_given_once_and_only_from_the_range()
    {
        await using var server = await TestServer.StartAsync();
        await CreateAsync(server, "a", "\"clusterIP\":\"10.96.0.20\",");
        await server.MustAsync("GET", Addresses);
        var twice = await server.SendAsync("POST", Services, Body("b", "\"clusterIP\":\"10.96.0.20\","));
        Assert.Equal((422, "Service \"b\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.20\"]: failed to allocate IP 10.96.0.20: provided IP is already allocated"), (twice.Code, twice.Message));
        var outside = await server.SendAsync("POST", Services, Body("b", "\"clusterIP\":\"192.168.0.1\","));
        Assert.Contains("failed to allocate IP 192.168.0.1: the provided network does not match the current range", outside.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_and_a_refusal_take_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("POST", $"{Services}?dryRun=All", Body("a", "\"type\":\"NodePort\","));
        Assert.True(answer.Code == 201, answer.Message);
        await server.MustAsync("GET", Services);
        Assert.Empty((await server.MustAsync("GET", Addresses))["items"]!.AsArray());
        await CreateAsync(server, "a", "");
        Assert.Equal(409, (await server.SendAsync("POST", Services, Body("a", ""))).Code);
        Assert.Single((await server.MustAsync("GET", Addresses))["items"]!.AsArray());
    }

    [Fact]
    public async Task Node_ports_are_given_kept_and_freed()
    {
        await using var server = await TestServer.StartAsync();
        var service = await CreateAsync(server, "a", "\"type\":\"NodePort\",");
        var port = (int)service["spec"]!["ports"]![0]!["nodePort"]!;
        Assert.InRange(port, 30086, 32767); // the dynamic band
        var updated = await server.MustAsync("PUT", $"{Services}/a", Body("a", "\"type\":\"NodePort\","));
        Assert.Equal(port, (int)updated["spec"]!["ports"]![0]!["nodePort"]!);
        Assert.Equal((string?)service["spec"]!["clusterIP"], (string?)updated["spec"]!["clusterIP"]);
        var taken = await server.SendAsync("POST", Services, Body("b", "\"type\":\"NodePort\",", port));
        Assert.Equal((422, $"Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: {port}: provided port is already allocated"), (taken.Code, taken.Message));
        var outside = await server.SendAsync("POST", Services, Body("b", "\"type\":\"NodePort\",", 80));
        Assert.Contains("provided port is not in the valid range. The range of valid ports is 30000-32767", outside.Message, StringComparison.Ordinal);
        await server.MustAsync("DELETE", $"{Services}/a");
        await server.MustAsync("POST", Services, Body("b", "\"type\":\"NodePort\",", port));
    }

    [Fact]
    public async Task Headless_and_external_services_have_no_address()
    {
        await using var server = await TestServer.StartAsync();
        var headless = await CreateAsync(server, "a", "\"clusterIP\":\"None\",");
        Assert.Equal("""["None"]""", headless["spec"]!["clusterIPs"]!.ToJsonString());
        var external = await CreateAsync(server, "b", "\"type\":\"ExternalName\",\"externalName\":\"example.com\",");
        Assert.Null(external["spec"]!["clusterIP"]);
        Assert.Empty((await server.MustAsync("GET", Addresses))["items"]!.AsArray());
    }

    [Fact]
    public async Task Twenty_services_at_once_get_twenty_addresses()
    {
        await using var server = await TestServer.StartAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => CreateAsync(server, $"s{i}", "\"type\":\"NodePort\",")));
        Assert.Equal(20, made.Select(s => (string?)s["spec"]!["clusterIP"]).Distinct().Count());
        Assert.Equal(20, made.Select(s => (int)s["spec"]!["ports"]![0]!["nodePort"]!).Distinct().Count());
    }

    private static Task<JsonObject> CreateAsync(TestServer server, string name, string fields) => server.MustAsync("POST", Services, Body(name, fields));

    [Theory]
    [InlineData(-1)]
    [InlineData(80)]
    public async Task A_port_of_nodes_outside_the_range_is_refused(int port)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", Services, Body("a", "\"type\":\"NodePort\",", port));
        Assert.Equal((422, $"Service \"a\" is invalid: spec.ports[0].nodePort: Invalid value: {port}: provided port is not in the valid range. The range of valid ports is 30000-32767"), (refused.Code, refused.Message));
    }

    private static string Body(string name, string fields, int nodePort = 0) =>
        $"{{\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{{fields}\"ports\":[{{\"port\":80,\"protocol\":\"TCP\"{(nodePort != 0 ? $",\"nodePort\":{nodePort}" : "")}}}]}}}}";
}
