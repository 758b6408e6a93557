using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Aggregation;

public class AggregationTests
{
    private const string ApiServices = "/apis/apiregistration.k8s.io/v1/apiservices";
    private const string Name = "v1beta1.metrics.k8s.io";
    private const string Metrics = "/apis/metrics.k8s.io/v1beta1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_reason_why_it_cannot_be_reached_has_upstreams_words_until_it_answers()
    {
        using var extension = new ExtensionServer { Answer = _ => (0, "text/plain", "") };
        await using var server = await TestServer.StartAsync(o => o with { Outbound = extension });
        await server.MustAsync("POST", ApiServices, ApiService());
        await ConditionAsync(server, "False", "ServiceNotFound", "service/metrics-server in \"kube-system\" is not present");
        await server.MustAsync("POST", "/api/v1/namespaces/kube-system/services", ServiceOf(port: 80));
        await ConditionAsync(server, "False", "ServicePortError", "service/metrics-server in \"kube-system\" is not listening on port 443");
        await server.MustAsync("PATCH", "/api/v1/namespaces/kube-system/services/metrics-server", """[{"op":"replace","path":"/spec/ports/0/port","value":443}]""", "application/json-patch+json");
        await ConditionAsync(server, "False", "EndpointsNotFound", "cannot find endpointslices for service/metrics-server in \"kube-system\"");
        await server.MustAsync("POST", "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices", Slice(ready: false));
        await ConditionAsync(server, "False", "MissingEndpoints", "endpointslices for service/metrics-server in \"kube-system\" have no addresses with port name \"https\"");
        await server.MustAsync("PATCH", "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/metrics-server", """[{"op":"replace","path":"/endpoints/0/conditions/ready","value":true}]""", "application/json-patch+json");
        await ConditionAsync(server, "False", "FailedDiscoveryCheck", "failing or missing response from https://metrics-server.kube-system.svc:443/apis/metrics.k8s.io/v1beta1: connection refused");
        extension.Answer = ExtensionServer.Known;
        await server.MustAsync("PATCH", $"{ApiServices}/{Name}", """{"spec":{"versionPriority":101}}""", "application/merge-patch+json");
        await ConditionAsync(server, "True", "Passed", "all checks passed");
    }

    [Fact]
    public async Task A_request_goes_on_in_the_name_of_its_user_to_an_endpoint_of_the_service()
    {
        using var extension = new ExtensionServer();
        await using var server = await RegisteredAsync(extension);
        var user = new UserInfo("jane", "u1", ["devs", "system:authenticated"], new Dictionary<string, IReadOnlyList<string>> { ["example.org/scope"] = ["a", "b"] });
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(user, "GET", $"{Metrics}/nodes?labelSelector=a%3Db", UserAgent: "test/1"), Ct);
        Assert.Equal(200, answer.StatusCode);
        var asked = extension.Last($"{Metrics}/nodes");
        Assert.Equal("https://10.0.0.9:4443/apis/metrics.k8s.io/v1beta1/nodes?labelSelector=a%3Db", asked.RequestUri!.ToString());
        Assert.Equal("metrics-server.kube-system.svc", asked.Headers.Host);
        Assert.Equal(["jane"], Lines(asked, "X-Remote-User"));
        Assert.Equal(["u1"], Lines(asked, "X-Remote-Uid"));
        Assert.Equal(["devs", "system:authenticated"], Lines(asked, "X-Remote-Group"));
        Assert.Equal(["a", "b"], Lines(asked, "X-Remote-Extra-example.org%2Fscope"));
        Assert.Equal(new OutboundTarget(OutboundPurpose.ApiService, "10.0.0.9", 4443, true) { Trust = new("metrics-server.kube-system.svc", "", true) }, extension.Target);
    }

    [Fact]
    public async Task Refusals_lists_and_watches_of_the_other_server_reach_clients_in_the_process()
    {
        using var extension = new ExtensionServer();
        await using var server = await RegisteredAsync(extension);
        var missing = await server.SendAsync("GET", $"{Metrics}/nodes/x");
        Assert.Equal((404, "NotFound"), (missing.Code, missing.Reason));
        var nothing = await server.SendAsync("GET", $"{Metrics}/unknown");
        Assert.Equal((404, "NotFound", "404 page not found"), (nothing.Code, nothing.Reason, nothing.Message));
        var list = await server.Host.InProcess.ListAsync(new InProcessRequest(TestServer.Admin, "GET", $"{Metrics}/nodes"), Ct);
        Assert.Equal(("7", 2), (list.ResourceVersion, list.Items.Count));
        var events = new List<string>();
        await foreach (var (type, _) in server.Host.InProcess.WatchAsync(new InProcessRequest(TestServer.Admin, "GET", $"{Metrics}/pods?watch=true"), Ct))
        {
            events.Add(type);
        }

        Assert.Equal(["ADDED", "DELETED"], events);
    }

    [Fact]
    public async Task Discovery_shows_the_group_in_its_place_and_stale_while_it_does_not_answer()
    {
        using var extension = new ExtensionServer();
        await using var server = await RegisteredAsync(extension);
        var groups = (JsonArray)(await server.MustAsync("GET", "/apis"))["groups"]!;
        Assert.Equal("metrics.k8s.io", (string?)groups[^1]!["name"]); // 100 is behind all built-in ones
        Assert.Equal("metrics.k8s.io/v1beta1", (string?)(await server.MustAsync("GET", "/apis/metrics.k8s.io"))["preferredVersion"]!["groupVersion"]);
        Assert.Equal(3, ((JsonArray)(await server.MustAsync("GET", Metrics))["resources"]!).Count);
        Assert.Equal("Current [nodes:, pods:peak]", await AggregatedAsync(server));
        Assert.Equal("/openapi/v3/apis/metrics.k8s.io/v1beta1?hash=AB", (string?)(await server.MustAsync("GET", "/openapi/v3"))["paths"]!["apis/metrics.k8s.io/v1beta1"]!["serverRelativeURL"]);
        Assert.Equal("3.0.0", (string?)(await server.MustAsync("GET", "/openapi/v3/apis/metrics.k8s.io/v1beta1"))["openapi"]);

        await server.MustAsync("DELETE", "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/metrics-server");
        await ConditionAsync(server, "False", "EndpointsNotFound", null);
        Assert.Equal("Stale [nodes:, pods:peak]", await AggregatedAsync(server));
        var refused = await server.SendAsync("GET", $"{Metrics}/nodes");
        Assert.Equal((503, "service unavailable"), (refused.Code, refused.Message));
        var metrics = System.Text.Encoding.UTF8.GetString((await server.Host.InProcess.SendAsync(new InProcessRequest(TestServer.Admin, "GET", "/metrics"), Ct)).Body.Json.Span);
        Assert.Contains($"aggregator_unavailable_apiservice{{name=\"{Name}\"}} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"aggregator_unavailable_apiservice_total{{name=\"{Name}\",reason=\"EndpointsNotFound\"}} 1\n", metrics, StringComparison.Ordinal);

        await server.MustAsync("DELETE", $"{ApiServices}/{Name}");
        await UntilAsync("the group goes", async () => (await server.SendAsync("GET", "/apis/metrics.k8s.io")).Code == 404);
    }

    [Fact]
    public async Task A_group_of_higher_priority_comes_first_and_versions_are_sorted()
    {
        using var extension = new ExtensionServer();
        await using var server = await TestServer.StartAsync(o => o with { Outbound = extension });
        foreach (var (version, group, place, order) in new[] { ("v1", "late.example.com", 10, 1), ("v1", "early.example.com", 17150, 1), ("v1beta1", "early.example.com", 17150, 1), ("v2", "early.example.com", 17150, 9) })
        {
            await server.MustAsync("POST", ApiServices, $$$$"""{"metadata":{"name":"{{{{version}}}}.{{{{group}}}}"},"spec":{"group":"{{{{group}}}}","version":"{{{{version}}}}","groupPriorityMinimum":{{{{place}}}},"versionPriority":{{{{order}}}},"insecureSkipTLSVerify":true,"service":{"name":"s","namespace":"n"}}}""");
        }

        await UntilAsync("all versions", async () => (await server.SendAsync("GET", "/apis/early.example.com")).Body["versions"] is JsonArray { Count: 3 });
        var groups = ((JsonArray)(await server.MustAsync("GET", "/apis"))["groups"]!).Select(g => (string)g!["name"]!).ToList();
        Assert.Equal("late.example.com", groups[^1]);
        Assert.Equal(["networking.k8s.io", "early.example.com", "policy"], groups.Skip(groups.IndexOf("early.example.com") - 1).Take(3));
        var early = await server.MustAsync("GET", "/apis/early.example.com");
        Assert.Equal(["v2", "v1", "v1beta1"], ((JsonArray)early["versions"]!).Select(v => (string?)v!["version"]));
    }

    [Fact]
    public async Task Every_group_version_of_this_server_has_an_APIService_that_is_local()
    {
        await using var server = await TestServer.StartAsync(o => o with { KeepsSystemObjects = true });
        await UntilAsync("v1.apps", async () => (await server.SendAsync("GET", $"{ApiServices}/v1.apps")).Code == 200);
        await UntilAsync("v1.", async () => (await server.SendAsync("GET", $"{ApiServices}/v1.")).Code == 200); // the group without a name
        var apps = await server.MustAsync("GET", $"{ApiServices}/v1.apps");
        Assert.Equal(("onstart", 17800, 15), ((string?)apps["metadata"]!["labels"]!["kube-aggregator.kubernetes.io/automanaged"], (int)apps["spec"]!["groupPriorityMinimum"]!, (int)apps["spec"]!["versionPriority"]!));
        var condition = apps["status"]!["conditions"]![0]!;
        Assert.Equal(("Available", "True", "Local", "Local APIServices are always available"), ((string?)condition["type"], (string?)condition["status"], (string?)condition["reason"], (string?)condition["message"]));

        await server.MustAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """{"metadata":{"name":"boats.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"boats","kind":"Boat"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}""");
        await UntilAsync("v1.example.com", async () => (await server.SendAsync("GET", $"{ApiServices}/v1.example.com")).Code == 200);
        await server.MustAsync("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.example.com");
        await UntilAsync("v1.example.com is gone", async () => (await server.SendAsync("GET", $"{ApiServices}/v1.example.com")).Code == 404);
    }

    public static TheoryData<string, string, string> Invalid => new()
    {
        { """{"group":"g.example.com","version":"v1","groupPriorityMinimum":1,"versionPriority":1}""", "v2.g.example.com", "metadata.name: Invalid value: \"v2.g.example.com\": must be `spec.version+\".\"+spec.group`: \"v1.g.example.com\"" },
        { """{"group":"g.example.com","version":"v1","groupPriorityMinimum":20001,"versionPriority":1}""", "v1.g.example.com", "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000" },
        { """{"group":"g.example.com","version":"v1","groupPriorityMinimum":1,"versionPriority":0}""", "v1.g.example.com", "spec.versionPriority: Invalid value: 0: must be positive and less than 1000" },
        { """{"group":"g.example.com","version":"v1","groupPriorityMinimum":1,"versionPriority":1,"insecureSkipTLSVerify":true}""", "v1.g.example.com", "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify" },
        { """{"group":"g.example.com","version":"v1","groupPriorityMinimum":1,"versionPriority":1,"service":{"name":"s"}}""", "v1.g.example.com", "spec.service.namespace: Required value" },
        { """{"group":"g.example.com","version":"v1","groupPriorityMinimum":1,"versionPriority":1,"caBundle":"YQ==","insecureSkipTLSVerify":true,"service":{"name":"s","namespace":"n"}}""", "v1.g.example.com", "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present" },
    };

    [Theory, MemberData(nameof(Invalid))]
    public async Task What_upstream_refuses_is_refused_with_its_words(string spec, string name, string problem)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", ApiServices, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{{{spec}}}}""");
        Assert.Equal((422, $"APIService.apiregistration.k8s.io \"{name}\" is invalid: {problem}"), (refused.Code, refused.Message));
    }

    /// <summary>The values as they stand on the wire, a line each.</summary>
    private static string[] Lines(HttpRequestMessage request, string header) =>
        System.Text.Encoding.UTF8.GetString(RepeatedHeader.EncodingFor(header).GetBytes(request.Headers.GetValues(header).Single())).Split($"\r\n{header}: ");

    [Theory]
    [InlineData("a\r\nX-Remote-Group: system:masters")]
    [InlineData("a\uE000system:masters")]
    [InlineData("a\nb")]
    public void No_value_becomes_another_header(string value) => Assert.Throws<FormatException>(() => RepeatedHeader.Join([value]));

    private static string ApiService() =>
        $$$$"""{"metadata":{"name":"{{{{Name}}}}"},"spec":{"group":"metrics.k8s.io","version":"v1beta1","groupPriorityMinimum":100,"versionPriority":100,"insecureSkipTLSVerify":true,"service":{"name":"metrics-server","namespace":"kube-system"}}}""";

    private static string ServiceOf(int port) => $$$"""{"metadata":{"name":"metrics-server"},"spec":{"ports":[{"name":"https","port":{{{port}}},"targetPort":4443}]}}""";

    private static string Slice(bool ready) =>
        $$$"""{"metadata":{"name":"metrics-server","labels":{"kubernetes.io/service-name":"metrics-server"}},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.9"],"conditions":{"ready":{{{(ready ? "true" : "false")}}}}}],"ports":[{"name":"https","port":4443,"protocol":"TCP"}]}""";

    internal static async Task<TestServer> RegisteredAsync(ExtensionServer extension)
    {
        var server = await TestServer.StartAsync(o => o with { Outbound = extension });
        await server.MustAsync("POST", "/api/v1/namespaces/kube-system/services", ServiceOf(port: 443));
        await server.MustAsync("POST", "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices", Slice(ready: true));
        await server.MustAsync("POST", ApiServices, ApiService());
        await ConditionAsync(server, "True", "Passed", null);
        return server;
    }

    private static async Task<string> AggregatedAsync(TestServer server)
    {
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(TestServer.Admin, "GET", "/apis") { Accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" }, Ct);
        var group = ((JsonArray)JsonNode.Parse(answer.Body.Json.Span)!["items"]!).Single(i => (string?)i!["metadata"]!["name"] == "metrics.k8s.io")!["versions"]![0]!;
        var resources = ((JsonArray)group["resources"]!).Select(r => $"{r!["resource"]}:{string.Join(',', ((JsonArray?)r["subresources"] ?? []).Select(s => s!["subresource"]))}");
        return $"{group["freshness"]} [{string.Join(", ", resources)}]";
    }

    private static async Task ConditionAsync(TestServer server, string status, string reason, string? message)
    {
        var seen = "";
        await UntilAsync(() => $"{status} {reason} {message}, last seen: {seen}", async () =>
        {
            var conditions = (await server.MustAsync("GET", $"{ApiServices}/{Name}"))["status"]?["conditions"];
            seen = conditions?[0]!.ToJsonString() ?? "";
            return (string?)conditions?[0]!["status"] == status && (string?)conditions[0]!["reason"] == reason && (message is null || (string?)conditions[0]!["message"] == message);
        });
    }

    internal static Task UntilAsync(string what, Func<Task<bool>> good) => UntilAsync(() => what, good);

    private static async Task UntilAsync(Func<string> what, Func<Task<bool>> good)
    {
        for (var tries = 0; !await good(); tries++)
        {
            Assert.True(tries < 3000, $"it did not come: {what()}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }
}
