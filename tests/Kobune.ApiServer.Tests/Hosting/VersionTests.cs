using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.CustomResources;
using Kobune.Storage.Memory;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>A server that serves an older release of Kubernetes: all that it tells of itself agrees.</summary>
public class VersionTests
{
    private const string Pod = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default"},
         "spec":{"hostnameOverride":"other","hostUsers":false,"containers":[{"name":"c","image":"i","resizePolicy":[{"resourceName":"cpu","restartPolicy":"NotRequired"}]}]}}
        """;

    [Theory]
    [InlineData(30, 14, false)]
    [InlineData(33, 2, true)]
    [InlineData(36, 0, true)]
    public async Task Version_tells_it(int minor, int patch, bool tellsEmulation)
    {
        await using var server = await StartAsync(minor, patch);
        var version = await server.MustAsync("GET", "/version");
        Assert.Equal(("1", $"{minor}", $"v1.{minor}.{patch}+kobune"), ((string?)version["major"], (string?)version["minor"], (string?)version["gitVersion"]));
        Assert.Equal(tellsEmulation ? $"{minor}" : null, (string?)version["emulationMinor"]);
        Assert.Equal(tellsEmulation ? $"{minor - 1}" : null, (string?)version["minCompatibilityMinor"]);
    }

    [Theory]
    [InlineData(30, "")]
    [InlineData(33, "networking.k8s.io/v1/servicecidrs")]
    [InlineData(36, "networking.k8s.io/v1/servicecidrs resource.k8s.io/v1/resourceclaims storage.k8s.io/v1/volumeattributesclasses admissionregistration.k8s.io/v1/mutatingadmissionpolicies")]
    public async Task Discovery_and_requests_agree_on_kinds(int minor, string served)
    {
        await using var server = await StartAsync(minor, 0);
        var aggregated = (await server.MustAsync("GET", "/apis", "", null)).ToJsonString();
        foreach (var path in new[] { "networking.k8s.io/v1/servicecidrs", "resource.k8s.io/v1/resourceclaims", "storage.k8s.io/v1/volumeattributesclasses", "admissionregistration.k8s.io/v1/mutatingadmissionpolicies" })
        {
            var (groupVersion, plural) = (path[..path.LastIndexOf('/')], path[(path.LastIndexOf('/') + 1)..]);
            var isServed = served.Split(' ').Contains(path);
            var answer = await server.SendAsync("GET", "/apis/" + groupVersion);
            Assert.Equal((path, isServed), (path, answer.Code == 200 && Names(answer.Body).Contains(plural)));
            Assert.Equal((path, isServed ? 200 : 404), (path, (await server.SendAsync("GET", "/apis/" + path)).Code));
        }

        Assert.Equal(served.Contains("resource.k8s.io", StringComparison.Ordinal), aggregated.Contains("resource.k8s.io", StringComparison.Ordinal));
        Assert.Equal(minor >= 33, Names(await server.MustAsync("GET", "/api/v1")).Contains("pods/resize"));
    }

    [Theory]
    [InlineData(32, "")]
    [InlineData(33, "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")]
    public async Task Deprecated_kinds_are_warned_of_from_their_release_on(int minor, string warning)
    {
        await using var server = await StartAsync(minor, 0);
        Assert.Equal(warning, string.Join('|', (await server.SendAsync("GET", "/api/v1/endpoints")).Warnings));
        Assert.Equal("v1 ComponentStatus is deprecated in v1.19+", string.Join('|', (await server.SendAsync("GET", "/api/v1/componentstatuses")).Warnings));
    }

    [Theory]
    [InlineData(35, "[]")]
    [InlineData(36, "[spec.externalIPs is deprecated and may no longer be implemented in some clusters]")]
    public async Task Odd_objects_are_warned_of_from_their_release_on(int minor, string warnings)
    {
        await using var server = await StartAsync(minor, 0);
        const string services = "/api/v1/namespaces/default/services";
        var created = await server.SendAsync("POST", services, """{"metadata":{"name":"s"},"spec":{"externalIPs":["1.1.1.1"],"ports":[{"port":80}]}}""");
        Assert.Equal((201, warnings), (created.Code, $"[{string.Join('|', created.Warnings)}]"));
        var changed = await server.SendAsync("PATCH", services + "/s", """{"spec":{"externalName":"x"}}""", "application/merge-patch+json");
        Assert.Contains("spec.externalName is ignored when spec.type is not \"ExternalName\"", changed.Warnings);
        var status = await server.SendAsync("PATCH", services + "/s/status", """{"status":{"conditions":[]}}""", "application/merge-patch+json");
        Assert.Equal((200, 0), (status.Code, status.Warnings.Count));
    }

    [Theory]
    [InlineData(30, false, false)]
    [InlineData(33, false, true)]
    [InlineData(36, true, true)]
    public async Task Fields_are_unknown_dropped_or_kept(int minor, bool knowsHostname, bool keepsUsers)
    {
        await using var server = await StartAsync(minor, 0);
        var strict = await server.SendAsync("POST", "/api/v1/namespaces/default/pods?fieldValidation=Strict&dryRun=All", Pod, "application/json");
        Assert.Equal(knowsHostname ? 201 : 400, strict.Code);
        if (!knowsHostname)
        {
            Assert.Contains("strict decoding error: unknown field \"spec.hostnameOverride\"", strict.Message, StringComparison.Ordinal);
        }

        var warned = await server.SendAsync("POST", "/api/v1/namespaces/default/pods?fieldValidation=Warn", Pod, "application/json");
        Assert.Equal(201, warned.Code);
        Assert.Equal(knowsHostname ? [] : ["unknown field \"spec.hostnameOverride\""], warned.Warnings);
        var spec = (JsonObject)(await server.MustAsync("GET", "/api/v1/namespaces/default/pods/web"))["spec"]!;
        Assert.Equal(knowsHostname, spec.ContainsKey("hostnameOverride"));
        Assert.Equal(keepsUsers, spec.ContainsKey("hostUsers"));
        Assert.Equal(keepsUsers, ((JsonObject)spec["containers"]![0]!).ContainsKey("resizePolicy"));

        var documents = await server.MustAsync("GET", "/openapi/v3/api/v1");
        Assert.Equal($"v1.{minor}.0+kobune", (string?)documents["info"]!["version"]);
        var fields = (JsonObject)documents["components"]!["schemas"]!["io.k8s.api.core.v1.PodSpec"]!["properties"]!;
        Assert.Equal(knowsHostname, fields.ContainsKey("hostnameOverride"));
        Assert.True(fields.ContainsKey("hostUsers"));
        var swagger = (JsonObject)(await server.MustAsync("GET", "/openapi/v2"))["definitions"]!;
        Assert.Equal(minor >= 33, swagger.ContainsKey("io.k8s.api.networking.v1.ServiceCIDR"));
    }

    [Fact]
    public async Task An_upgrade_keeps_objects_and_addresses_and_knows_the_new_fields()
    {
        var store = new MemoryStore();
        var kept = new KeptStore(store);
        string? address;
        await using (var server = await TestServer.StartAsync(o => o with { Version = new(30, 0), KeepsSystemObjects = true }, kept))
        {
            await server.MustAsync("POST", "/api/v1/namespaces/default/pods", Pod, "application/json");
            await server.CreateConfigMapAsync("kept");
            address = (string?)(await server.MustAsync("POST", "/api/v1/namespaces/default/services", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}"""))["spec"]!["clusterIP"];
            Assert.Equal(404, (await server.SendAsync("GET", "/apis/networking.k8s.io/v1/ipaddresses/" + address)).Code);
        }

        await using var newer = await TestServer.StartAsync(o => o with { KeepsSystemObjects = true }, store);
        Assert.Equal("1", (string?)(await newer.MustAsync("GET", "/api/v1/namespaces/default/configmaps/kept"))["data"]!["a"]);
        var pod = await newer.MustAsync("GET", "/api/v1/namespaces/default/pods/web");
        Assert.Equal("c", (string?)pod["spec"]!["containers"]![0]!["name"]);
        Assert.Equal("web", (string?)(await newer.MustAsync("GET", "/apis/networking.k8s.io/v1/ipaddresses/" + address))["spec"]!["parentRef"]!["name"]);
        Assert.Equal("10.96.0.0/12", (string?)(await newer.MustAsync("GET", "/apis/networking.k8s.io/v1/servicecidrs/kubernetes"))["spec"]!["cidrs"]![0]);
        await newer.MustAsync("POST", "/api/v1/namespaces/default/pods?fieldValidation=Strict", Pod.Replace("\"web\"", "\"web2\"", StringComparison.Ordinal), "application/json");
    }

    private static Task<TestServer> StartAsync(int minor, int patch) => TestServer.StartAsync(o => o with { Version = new(minor, patch) });

    private static IEnumerable<string?> Names(JsonObject list) => ((JsonArray)list["resources"]!).Select(r => (string?)r!["name"]);
}
