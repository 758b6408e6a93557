using System.Text.Json.Nodes;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Webhooks;

namespace Kobune.ApiServer.Tests.CustomResources;

/// <summary>A kind whose v1 has spec.hostPort and whose v2 has spec.host and spec.port; a webhook converts.</summary>
public class ConversionWebhookTests
{
    private const string Objects = "/apis/stable.example.com/VERSION/namespaces/default/crontabs";
    private const string Name = "crontabs.stable.example.com";
    private static readonly string V1 = Objects.Replace("VERSION", "v1", StringComparison.Ordinal);
    private static readonly string V2 = Objects.Replace("VERSION", "v2", StringComparison.Ordinal);

    [Fact]
    public async Task An_object_is_written_and_read_in_both_versions()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await StartAsync(hooks);
        var made = await server.MustAsync("POST", V2, Two("a", "h", "1"));
        Assert.Equal(("stable.example.com/v2", """{"host":"h","port":"1"}"""), ((string?)made["apiVersion"], made["spec"]!.ToJsonString()));
        Assert.Equal("""{"hostPort":"h:1"}""", (await server.MustAsync("GET", $"{V1}/a"))["spec"]!.ToJsonString());
        var patched = await server.MustAsync("PATCH", $"{V2}/a", """{"spec":{"port":"2"}}""", "application/merge-patch+json");
        Assert.Equal("""{"host":"h","port":"2"}""", patched["spec"]!.ToJsonString());
        var read = await server.MustAsync("GET", $"{V1}/a");
        Assert.Equal("""{"hostPort":"h:2"}""", read["spec"]!.ToJsonString());
        Assert.Equal((string?)made["metadata"]!["uid"], (string?)read["metadata"]!["uid"]);
        Assert.Equal(2, (int)read["metadata"]!["generation"]!);
        read["spec"]!["hostPort"] = "x:3";
        await server.MustAsync("PUT", $"{V1}/a", read.ToJsonString());
        Assert.Equal("""{"host":"x","port":"3"}""", (await server.MustAsync("GET", $"{V2}/a"))["spec"]!.ToJsonString());
        Assert.All(hooks.Reviews, r => Assert.Equal(("?timeout=30s", "ConversionReview", "apiextensions.k8s.io/v1"), (r.Query, (string?)r.Review["kind"], (string?)r.Review["apiVersion"])));
        await server.MustAsync("DELETE", $"{V2}/a");
        Assert.Equal(404, (await server.SendAsync("GET", $"{V1}/a")).Code);
    }

    [Fact]
    public async Task A_list_of_mixed_stored_versions_is_converted_in_one_call_and_only_once()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await StartAsync(hooks);
        await server.MustAsync("POST", V1, One("a", "h:1"));
        await server.MustAsync("POST", V1, One("b", "h:2"));
        await using var watch = server.Watch($"{V1}?watch=1&resourceVersion=0");
        await watch.NextAsync();
        await watch.NextAsync();
        await server.MustAsync("PATCH", $"{Definitions.Path}/{Name}", """[{"op":"replace","path":"/spec/versions/0/storage","value":false},{"op":"replace","path":"/spec/versions/1/storage","value":true}]""", "application/json-patch+json");
        await watch.EndsAsync();
        await server.MustAsync("POST", V1, One("c", "h:3")); // stored as v2
        hooks.Reviews.Clear();
        var list = await server.MustAsync("GET", V2);
        Assert.Equal("stable.example.com/v2", (string?)list["apiVersion"]);
        Assert.Equal(["h 1", "h 2", "h 3"], list["items"]!.AsArray().Select(o => $"{o!["spec"]!["host"]} {o["spec"]!["port"]}"));
        var request = Assert.Single(hooks.Requests("/convert"));
        Assert.Equal(("stable.example.com/v2", 2), ((string?)request["desiredAPIVersion"], request["objects"]!.AsArray().Count));
        await server.MustAsync("GET", V2);
        Assert.Single(hooks.Reviews);
        Assert.Equal(3, (await server.MustAsync("GET", V1))["items"]!.AsArray().Count);
        Assert.Equal("stable.example.com/v2", (string?)hooks.Requests("/convert")[^1]["objects"]![0]!["apiVersion"]);
        Assert.Single(hooks.Requests("/convert")[^1]["objects"]!.AsArray());
    }

    [Fact]
    public async Task A_watch_shows_its_own_version_and_ends_when_the_webhook_fails()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await StartAsync(hooks);
        await server.MustAsync("POST", V1, One("a", "h:1"));
        await using var watch = server.Watch($"{V2}?watch=1&resourceVersion=0");
        Assert.Equal("h", (string?)(await watch.NextAsync()).Object["spec"]!["host"]);
        await server.MustAsync("DELETE", $"{V1}/a");
        var (type, gone) = await watch.NextAsync();
        Assert.Equal(("DELETED", "stable.example.com/v2", "h"), (type, (string?)gone["apiVersion"], (string?)gone["spec"]!["host"]));
        hooks.Reply("/convert", _ => (500, "no"));
        await server.MustAsync("POST", V1, One("b", "h:1"));
        var (error, status) = await watch.NextAsync();
        Assert.Equal(("ERROR", "conversion webhook for stable.example.com/v1, Kind=CronTab failed: an error on the server (\"no\") has prevented the request from succeeding"), (error, (string?)status["message"]));
        await watch.EndsAsync();
    }

    [Fact]
    public async Task An_object_with_a_finalizer_is_deleted_in_its_storage_version()
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await StartAsync(hooks);
        await server.MustAsync("POST", V2, Two("a", "h", "1").Replace("\"name\":\"a\"", "\"name\":\"a\",\"finalizers\":[\"example.com/hold\"]", StringComparison.Ordinal));
        var going = await server.MustAsync("DELETE", $"{V2}/a");
        Assert.Equal(("h", true), ((string?)going["spec"]!["host"], going["metadata"]!["deletionTimestamp"] is not null));
        await server.MustAsync("PATCH", $"{V2}/a", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        Assert.Equal(404, (await server.SendAsync("GET", $"{V2}/a")).Code);
    }

    [Theory]
    [InlineData("/response/result", """{"status":"Failed","message":"own words"}""", "failed: own words")]
    [InlineData("/response/result", """{"status":"Failed"}""", "failed: response.result.status was 'Failed', not 'Success'")]
    [InlineData("/response", "null", "failed: no response provided")]
    [InlineData("/response/uid", "\"x\"", "failed: expected response.uid=\"UID\", got \"x\"")]
    [InlineData("/apiVersion", "\"apiextensions.k8s.io/v1beta1\"", "failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1beta1, Kind=ConversionReview")]
    [InlineData("/response/convertedObjects", "[]", "returned 0 objects, expected 1")]
    [InlineData("/response/convertedObjects/0/apiVersion", "\"stable.example.com/v1\"", "returned invalid object: invalid groupVersion (expected stable.example.com/v2, received stable.example.com/v1)")]
    [InlineData("/response/convertedObjects/0/kind", "\"Other\"", "returned invalid object: invalid kind (expected CronTab, received Other)")]
    [InlineData("/response/convertedObjects/0/metadata/name", "\"b\"", "returned invalid object: must have the same name: a != b")]
    [InlineData("/response/convertedObjects/0/metadata/namespace", "\"b\"", "returned invalid object: must have the same namespace: default != b")]
    [InlineData("/response/convertedObjects/0/metadata/labels", "7", "returned invalid metadata: invalid metadata.labels of type int64 in converted object")]
    [InlineData("/response/convertedObjects/0/metadata/labels", "{\"a\":7}", "returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object")]
    [InlineData("/response/convertedObjects/0/metadata/labels", "{\"a\":\"b\"}", "")]
    [InlineData("/response/convertedObjects/0/metadata/generation", "9", "")]
    public async Task What_comes_back_is_checked(string path, string value, string problem)
    {
        await using var hooks = await HookServer.StartAsync();
        await using var server = await StartAsync(hooks);
        await server.MustAsync("POST", V1, One("a", "h:1"));
        var uid = "";
        hooks.Reply("/convert", r =>
        {
            uid = (string)r["uid"]!;
            var answer = Api.Patches.JsonPatch.Apply((JsonObject)JsonNode.Parse(Convert(r).Body)!, [new JsonObject { ["op"] = "add", ["path"] = path, ["value"] = JsonNode.Parse(value) }]);
            return (200, answer.ToJsonString());
        });
        var read = await server.SendAsync("GET", $"{V2}/a");
        if (problem.Length == 0)
        {
            Assert.Equal((200, 1), (read.Code, (int)read.Body["metadata"]!["generation"]!));
            Assert.Equal(path.EndsWith("labels", StringComparison.Ordinal) ? "b" : null, (string?)read.Body["metadata"]!["labels"]?["a"]);
        }
        else
        {
            Assert.Equal((500, "conversion webhook for stable.example.com/v1, Kind=CronTab " + problem.Replace("UID", uid, StringComparison.Ordinal)), (read.Code, read.Message));
        }
    }

    [Theory]
    [InlineData("""{"strategy":"Webhook"}""", "[spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook, spec.conversion.conversionReviewVersions: Required value]")]
    [InlineData("""{"strategy":"Webhook","webhook":{"clientConfig":{},"conversionReviewVersions":["v1"]}}""", "spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required")]
    [InlineData("""{"strategy":"Webhook","webhook":{"clientConfig":{"url":"http://h"},"conversionReviewVersions":["v1"]}}""", "spec.conversion.webhookClientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]")]
    [InlineData("""{"strategy":"Webhook","webhook":{"clientConfig":{"url":"https://h","caBundle":"Cg=="},"conversionReviewVersions":["v2"]}}""", "spec.conversion.conversionReviewVersions: Invalid value: [\"v2\"]: must include at least one of v1, v1beta1")]
    [InlineData("""{"strategy":"None","webhook":{"conversionReviewVersions":["v1"]}}""", "spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook")]
    public async Task A_definition_says_where_its_webhook_is(string conversion, string problem)
    {
        await using var server = await TestServer.StartAsync();
        var crd = Definitions.Of("crontabs", "CronTab", Version("v1", isStorage: true, "hostPort"));
        crd["spec"]!["conversion"] = JsonNode.Parse(conversion);
        var refused = await server.SendAsync("POST", Definitions.Path, crd.ToJsonString());
        Assert.Equal($"CustomResourceDefinition.apiextensions.k8s.io \"{Name}\" is invalid: {problem}", refused.Message);
    }

    private static async Task<TestServer> StartAsync(HookServer hooks)
    {
        var server = await hooks.ServeAsync();
        hooks.Reply("/convert", Convert);
        var crd = Definitions.Of("crontabs", "CronTab", Version("v1", isStorage: true, "hostPort"), Version("v2", isStorage: false, "host", "port"));
        crd["spec"]!["conversion"] = new JsonObject
        {
            ["strategy"] = "Webhook",
            ["webhook"] = new JsonObject
            {
                ["conversionReviewVersions"] = new JsonArray("v1"),
                ["clientConfig"] = new JsonObject { ["url"] = new Uri(hooks.Address, "/convert").ToString(), ["caBundle"] = hooks.CaBundle },
            },
        };
        await server.EstablishAsync(crd);
        return server;
    }

    private static (int Code, string Body) Convert(JsonObject request)
    {
        var converted = new JsonArray();
        foreach (var item in request["objects"]!.AsArray())
        {
            var obj = (JsonObject)item!.DeepClone();
            var spec = obj["spec"]!;
            var parts = ((string?)spec["hostPort"] ?? "").Split(':');
            obj["spec"] = spec["hostPort"] is null
                ? new JsonObject { ["hostPort"] = $"{spec["host"]}:{spec["port"]}" }
                : new JsonObject { ["host"] = parts[0], ["port"] = parts[1] };
            obj["apiVersion"] = (string?)request["desiredAPIVersion"];
            converted.Add((JsonNode)obj);
        }

        var response = new JsonObject { ["uid"] = (string?)request["uid"], ["result"] = new JsonObject { ["status"] = "Success" }, ["convertedObjects"] = converted };
        return (200, new JsonObject { ["kind"] = "ConversionReview", ["apiVersion"] = "apiextensions.k8s.io/v1", ["response"] = response }.ToJsonString());
    }

    private static JsonObject Version(string name, bool isStorage, params string[] fields)
    {
        var properties = new JsonObject();
        foreach (var field in fields)
        {
            properties[field] = new JsonObject { ["type"] = "string" };
        }

        return new()
        {
            ["name"] = name,
            ["served"] = true,
            ["storage"] = isStorage,
            ["schema"] = new JsonObject
            {
                ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["spec"] = new JsonObject { ["type"] = "object", ["properties"] = properties } } },
            },
        };
    }

    private static string One(string name, string hostPort) =>
        $$$"""{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"{{{name}}}"},"spec":{"hostPort":"{{{hostPort}}}"}}""";

    private static string Two(string name, string host, string port) =>
        $$$"""{"apiVersion":"stable.example.com/v2","kind":"CronTab","metadata":{"name":"{{{name}}}"},"spec":{"host":"{{{host}}}","port":"{{{port}}}"}}""";
}
