using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Allocation;

/// <summary>ServiceCIDRs: what they may say, and that addresses come from them.</summary>
public class ServiceRangeTests
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Ranges = "/apis/networking.k8s.io/v1/servicecidrs";
    private const string Addresses = "/apis/networking.k8s.io/v1/ipaddresses";
    private const string MergePatch = "application/merge-patch+json";
    private const string BadCidr = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

    [Theory]
    [InlineData("""["10.0.0.0/24"]""", "")]
    [InlineData("""["10.0.0.0/24","fd00::/64"]""", "")]
    [InlineData("[]", "spec.cidrs: Required value: at least one CIDR required")]
    [InlineData("""["10.0.0.0/24","fd00::/64","10.1.0.0/24"]""", "may only hold up to 2 values")]
    [InlineData("""["10.0.0.0/24","10.1.0.0/24"]""", "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64")]
    [InlineData("""["10.0.0.0"]""", "spec.cidrs[0]: Invalid value: \"10.0.0.0\": " + BadCidr)]
    [InlineData("""["10.0.0.0/33"]""", BadCidr)]
    [InlineData("""["10.0/16"]""", BadCidr)]
    [InlineData("""["010.0.0.0/24"]""", "must not have leading 0s")]
    [InlineData("""["10.0.0.1/24"]""", "must not have bits set beyond the prefix length")]
    [InlineData("""["FD00::/64"]""", "must be in canonical form (\"fd00::/64\")")]
    [InlineData("""["::ffff:10.0.0.0/120"]""", "must not have an IPv4-mapped IPv6 address")]
    public void A_range_says_one_block_of_each_family(string cidrs, string expected)
    {
        var found = Kinds.Strategies.Create("servicecidrs.networking.k8s.io", $$$"""{"metadata":{"name":"a"},"spec":{"cidrs":{{{cidrs}}}}}""");
        Assert.Contains(expected, found, StringComparison.Ordinal);
        Assert.Equal(expected.Length == 0, found.Length == 0);
    }

    [Theory]
    [InlineData("""["10.0.0.0/24"]""", """["10.0.1.0/24"]""", "spec.cidrs[0]: Invalid value: \"10.0.1.0/24\": field is immutable")]
    [InlineData("""["10.0.0.0/24"]""", """["10.0.0.0/24","fd00::/64"]""", "")]
    [InlineData("""["10.0.0.0/24"]""", """["10.0.0.0/24","10.0.1.0/24"]""", "may specify no more than one IP for each IP family")]
    [InlineData("""["10.0.0.0/24","fd00::/64"]""", """["10.0.0.0/24"]""", "spec.cidrs: Invalid value: [\"10.0.0.0/24\"]: field is immutable")]
    public void A_range_stays_but_may_be_given_the_other_family(string before, string now, string expected)
    {
        var found = Kinds.Strategies.Update("servicecidrs.networking.k8s.io", $$$"""{"metadata":{"name":"a"},"spec":{"cidrs":{{{before}}}}}""", $$$"""{"metadata":{"name":"a"},"spec":{"cidrs":{{{now}}}}}""");
        Assert.Contains(expected, found, StringComparison.Ordinal);
        Assert.Equal(expected.Length == 0, found.Length == 0);
    }

    [Fact]
    public async Task Addresses_come_from_a_second_range_when_the_first_is_full_and_not_from_one_that_goes()
    {
        await using var server = await TestServer.StartAsync(o => o with { ServiceRange = "10.97.0.0/30" });
        await server.MustAsync("POST", Ranges, Range("kubernetes", "10.97.0.0/30"));
        await server.MustAsync("GET", Ranges);
        Assert.Equal(["10.97.0.1", "10.97.0.2"], new[] { await CreateAsync(server, "a"), await CreateAsync(server, "b") }.Order());
        await server.MustAsync("GET", Addresses);
        var full = await server.SendAsync("POST", Services, Body("c", ""));
        Assert.Equal((500, "Internal error occurred: failed to allocate a serviceIP: range is full"), (full.Code, full.Message));

        var asked = Body("d", "\"clusterIP\":\"10.98.0.5\",");
        Assert.Contains("failed to allocate IP 10.98.0.5: the provided network does not match the current range", (await server.SendAsync("POST", Services, asked)).Message, StringComparison.Ordinal);
        await server.MustAsync("POST", Ranges, Range("more", "10.98.0.0/24", "\"finalizers\":[\"example.test/hold\"],"));
        await server.MustAsync("GET", Ranges);
        Assert.StartsWith("10.98.0.", await CreateAsync(server, "c"), StringComparison.Ordinal);
        await server.MustAsync("GET", Addresses);
        await server.MustAsync("POST", Services, asked);
        Assert.Equal(4, (await server.MustAsync("GET", Addresses))["items"]!.AsArray().Count);

        await server.MustAsync("DELETE", $"{Ranges}/more");
        await server.MustAsync("GET", Ranges);
        Assert.Contains("range is full", (await server.SendAsync("POST", Services, Body("e", ""))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_that_is_not_ready_gives_none()
    {
        await using var server = await TestServer.StartAsync(o => o with { ServiceRange = "10.97.0.0/30" });
        await server.MustAsync("POST", Ranges, Range("kubernetes", "10.97.0.0/30"));
        await server.MustAsync("PATCH", $"{Ranges}/kubernetes/status", """{"status":{"conditions":[{"type":"Ready","status":"False","reason":"Terminating","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}""", MergePatch);
        await server.MustAsync("GET", Ranges);
        Assert.Contains("range is full", (await server.SendAsync("POST", Services, Body("a", ""))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_range_is_ready_and_is_given_a_second_family()
    {
        await using var server = await TestServer.StartAsync(o => o with { KeepsSystemObjects = true });
        var condition = (await server.MustAsync("GET", $"{Ranges}/kubernetes"))["status"]!["conditions"]![0]!;
        Assert.Equal(("Ready", "True", "Kubernetes default Service CIDR is ready"), ((string?)condition["type"], (string?)condition["status"], (string?)condition["message"]));

        await using var wider = await TestServer.StartAsync(o => o with { KeepsSystemObjects = true, ServiceRange = "10.50.0.0/16,fd00:10:96::/112" }, Seeded);
        Assert.Equal("""["10.50.0.0/16","fd00:10:96::/112"]""", (await wider.MustAsync("GET", $"{Ranges}/kubernetes"))["spec"]!["cidrs"]!.ToJsonString());
    }

    [Fact]
    public async Task A_default_range_of_other_blocks_is_left_and_told()
    {
        await using var server = await TestServer.StartAsync(o => o with { KeepsSystemObjects = true }, Seeded);
        var said = (await server.MustAsync("GET", "/api/v1/namespaces/default/events"))["items"]!.AsArray();
        Assert.Contains(said, e => (string?)e!["reason"] == "KubernetesDefaultServiceCIDRInconsistent"
            && (string?)e["message"] == "The default ServiceCIDR [10.50.0.0/16] does not match the controller flag configurations [10.96.0.0/12]"
            && (string?)e["reportingComponent"] == "kubernetes-service-cidr-controller");
        Assert.Null((await server.MustAsync("GET", $"{Ranges}/kubernetes"))["status"]);
    }

    private static Storage.IStore Seeded
    {
        get
        {
            var store = new Storage.Memory.MemoryStore();
            var json = System.Text.Encoding.UTF8.GetBytes("""{"apiVersion":"networking.k8s.io/v1","kind":"ServiceCIDR","metadata":{"name":"kubernetes","uid":"u"},"spec":{"cidrs":["10.50.0.0/16"]}}""");
            store.CommitAsync(new([], [Storage.Operation.Put("/registry/servicecidrs/kubernetes", json)]), TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();
            return store;
        }
    }

    private static async Task<string> CreateAsync(TestServer server, string name) => (string)(await server.MustAsync("POST", Services, Body(name, "")))["spec"]!["clusterIP"]!;

    private static string Range(string name, string range, string metadata = "") => $$$"""{"metadata":{{{{metadata}}}"name":"{{{name}}}"},"spec":{"cidrs":["{{{range}}}"]}}""";

    private static string Body(string name, string fields) => $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{{{{fields}}}"selector":{"app":"a"},"ports":[{"port":80,"protocol":"TCP"}]}}""";
}
