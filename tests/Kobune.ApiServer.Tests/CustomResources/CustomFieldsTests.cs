using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.CustomResources;

/// <summary>Applies, patches and updates of custom objects whose results upstream's own server told (tests/conformance/extensions, sequences).</summary>
public class CustomFieldsTests
{
    private const string Apply = "application/apply-patch+yaml";
    private const string Json = "application/json-patch+json";
    private const string Objects = "/apis/stable.example.com/v1/namespaces/default/crontabs";
    private const string Spec = """
        {"type":"object","properties":{"text":{"type":"string"},"map":{"type":"object","additionalProperties":{"type":"object","properties":{"a":{"type":"string"}}}},
         "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"maps":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"a":{"type":"string"}}}}}}
        """;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Status = """{"type":"object","properties":{"phase":{"type":"string"},"conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],"items":{"type":"object","required":["type"],"properties":{"type":{"type":"string"}}}}}}""";

    [Theory]
    [InlineData("""{"text":null}""", "spec.text: Invalid value: \"null\": spec.text in body must be of type string: \"null\"")]
    [InlineData("""{"map":{"b":null}}""", "spec.map.b: Invalid value: \"null\": spec.map.b in body must be of type object: \"null\"")]
    public async Task A_null_that_is_applied_is_no_value(string spec, string problem)
    {
        await using var server = await ServedAsync();
        var refused = await server.SendAsync("PATCH", $"{Objects}/o?fieldManager=a", Config($"\"spec\":{spec}"), Apply);
        Assert.Equal((422, $"CronTab.stable.example.com \"o\" is invalid: {problem}"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_map_whose_last_item_is_no_longer_applied_while_another_manager_has_the_map_would_be_null()
    {
        await using var server = await ServedAsync();
        await ApplyAsync(server, "a", """
            "spec":{"map":{}}
            """);
        await ApplyAsync(server, "b", """
            "spec":{"map":{"c":{"a":"1"}}}
            """);
        var refused = await server.SendAsync("PATCH", $"{Objects}/o?fieldManager=b", Config("\"spec\":{}"), Apply);
        Assert.Equal((422, "CronTab.stable.example.com \"o\" is invalid: spec.map: Invalid value: \"null\": spec.map in body must be of type object: \"null\""), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("""{"phase":"x"}""", """{"conditions":[]}""", "{}", "null")] // nobody owns an empty list
    [InlineData("{}", "{}", """{"conditions":[]}""", """{"conditions":[]}""")]
    public async Task What_is_no_longer_applied_goes_with_what_is_empty_in_it(string first, string between, string then, string left)
    {
        await using var server = await ServedAsync();
        await ApplyAsync(server, "a", "\"spec\":{}");
        await ApplyAsync(server, "a", $"\"status\":{first}", "/status");
        await server.MustAsync("PATCH", $"{Objects}/o/status?fieldManager=x", $$"""{"status":{{between}}}""", "application/merge-patch+json");
        var applied = await ApplyAsync(server, "a", $"\"status\":{then}", "/status");
        Assert.Equal(left, applied["status"]?.ToJsonString() ?? "null");
    }

    [Theory]
    [InlineData("[]", true)] // does not outlive the decoding of metadata
    [InlineData("[{}]", false)]
    public async Task Managers_are_forgotten_by_one_empty_entry(string fields, bool areKept)
    {
        await using var server = await ServedAsync();
        await ApplyAsync(server, "a", """
            "spec":{"text":"x"}
            """);
        var patched = await server.MustAsync("PATCH", $"{Objects}/o", $$"""[{"op":"replace","path":"/metadata/managedFields","value":{{fields}}}]""", Json);
        Assert.Equal(areKept, patched["metadata"]!["managedFields"] is not null);
    }

    [Theory]
    [InlineData("""{"op":"add","path":"/status","value":1}""")] // reset later, but not readable
    [InlineData("""{"op":"add","path":"/spec/maps","value":[{"a":"1"}]}""")] // the merge knows no sets of maps
    public async Task Managers_of_what_upstreams_merge_cannot_read_are_forgotten(string operation)
    {
        await using var server = await ServedAsync();
        await ApplyAsync(server, "a", """
            "spec":{"text":"x"}
            """);
        var patched = await server.MustAsync("PATCH", $"{Objects}/o", $"[{operation}]", Json);
        Assert.Null(patched["metadata"]!["managedFields"]);
    }

    [Theory]
    [InlineData("""{"x":{"y":1}}""", """{"x":1}""", """{"f:spec":{"f:free":{"f:x":{}}}}""", "{}")]
    [InlineData("""{"x":1}""", """{"x":{"y":1}}""", """{"f:spec":{"f:free":{"f:x":{".":{},"f:y":{}}}}}""", "{}")]
    [InlineData("""{"x":{}}""", """{"x":1}""", """{"f:spec":{"f:free":{"f:x":{}}}}""", "{}")]
    [InlineData("""{"x":{"y":1,"z":2}}""", """{"x":{"y":1,"z":3}}""", """{"f:spec":{"f:free":{"f:x":{"f:z":{}}}}}""", """{"f:spec":{"f:free":{"f:x":{".":{},"f:y":{}}}}}""")]
    public async Task What_no_schema_knows_is_seen_as_what_it_was_and_as_what_it_becomes(string before, string after, string writer, string applier)
    {
        await using var server = await ServedAsync();
        await ApplyAsync(server, "a", $$"""
            "spec":{"free":{{before}}}
            """);
        var written = await server.MustAsync("PATCH", $"{Objects}/o?fieldManager=b", $$"""[{"op":"replace","path":"/spec/free","value":{{after}}}]""", Json);
        Assert.Equal(writer, Fields(written, "b"));
        Assert.Equal(applier, Fields(written, "a"));
    }

    [Fact]
    public async Task An_entry_of_another_version_loses_what_a_write_seems_to_change_of_the_status()
    {
        await using var server = await ServedAsync();
        await server.MustAsync("POST", $"{Objects}?fieldManager=a", Config("\"spec\":{}"));
        await server.MustAsync("PATCH", $"{Objects.Replace("/v1/", "/v2/")}/o/status?fieldManager=old", """{"status":{"phase":"x"}}""", "application/merge-patch+json");
        await server.MustAsync("PATCH", $"{Objects}/o/status?fieldManager=new", """{"status":{"conditions":[{"type":"t"}]}}""", "application/merge-patch+json");
        var patched = await server.MustAsync("PATCH", $"{Objects}/o?fieldManager=b", """[{"op":"remove","path":"/status"},{"op":"add","path":"/spec/text","value":"x"}]""", Json);
        Assert.Equal("{}", Fields(patched, "old"));
        Assert.Equal("""{"f:status":{"f:conditions":{".":{},"k:{\"type\":\"t\"}":{".":{},"f:type":{}}}}}""", Fields(patched, "new"));
        Assert.Equal("x", (string?)patched["status"]!["phase"]);
    }

    [Fact]
    public async Task A_status_that_the_endpoint_does_not_write_is_not_validated_in_another_version_either()
    {
        await using var server = await ServedAsync();
        var made = await server.SendAsync("POST", Objects.Replace("/v1/", "/v2/"), Config("\"spec\":{},\"status\":{\"phase\":1}").Replace("/v1", "/v2"));
        Assert.Equal(201, made.Code);
        var patched = await server.SendAsync("PATCH", $"{Objects.Replace("/v1/", "/v2/")}/o", """[{"op":"add","path":"/status","value":{"phase":1}},{"op":"add","path":"/spec/text","value":"x"}]""", Json);
        Assert.Equal((200, "x"), (patched.Code, (string?)patched.Body["spec"]!["text"]));
    }

    [Fact]
    public async Task In_another_version_too_all_that_is_wrong_is_told_at_once()
    {
        await using var server = await ServedAsync();
        await server.MustAsync("POST", Objects, Config("\"spec\":{}").Replace("\"name\"", "\"finalizers\":[\"example.test/a\"],\"name\""));
        await server.MustAsync("DELETE", $"{Objects}/o", "");
        var refused = await server.SendAsync("PATCH", $"{Objects.Replace("/v1/", "/v2/")}/o", """{"metadata":{"finalizers":["example.test/c","example.test/a","example.test/b"]},"spec":{"text":1}}""", "application/merge-patch+json");
        Assert.Equal(
            [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"example.test/b\", \"example.test/c\"}",
                "spec.text: Invalid value: \"integer\": spec.text in body must be of type string: \"integer\"",
            ],
            refused.Body["details"]!["causes"]!.AsArray().Select(c => $"{c!["field"]}: {c["message"]}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"text":{"x":1}}""", "unknown field \"spec.text.x\"")]
    [InlineData("""{"text":[{"x":[{"y":1}]}]}""", "unknown field \"spec.text[0].x\"")]
    [InlineData("""{"maps":{"x":1}}""", "unknown field \"spec.maps.x\"")]
    [InlineData("""{"map":[{"x":1}]}""", "unknown field \"spec.map[0].x\"")]
    public async Task Unknown_fields_inside_of_a_value_of_the_wrong_type_are_told(string spec, string problem)
    {
        await using var server = await ServedAsync();
        var refused = await server.SendAsync("POST", $"{Objects}?fieldValidation=Strict", Config($"\"spec\":{spec}"));
        Assert.Equal(400, refused.Code);
        Assert.Contains("strict decoding error: " + problem, refused.Message, StringComparison.Ordinal);
    }

    private static async Task<TestServer> ServedAsync()
    {
        var server = await TestServer.StartAsync();
        var schema = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["spec"] = JsonNode.Parse(Spec), ["status"] = JsonNode.Parse(Status) } } };
        JsonNode[] versions = [.. new[] { "v1", "v2" }.Select(name => new JsonObject
        {
            ["name"] = name,
            ["served"] = true,
            ["storage"] = name == "v1",
            ["schema"] = schema.DeepClone(),
            ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
        })];
        await server.EstablishAsync(Definitions.Of("crontabs", "CronTab", versions));
        return server;
    }

    private static string Config(string more) => $$"""{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"o"},{{more}}}""";

    private static Task<JsonObject> ApplyAsync(TestServer server, string manager, string more, string subresource = "") =>
        server.MustAsync("PATCH", $"{Objects}/o{subresource}?fieldManager={manager}&force=true", Config(more), Apply);

    private static string Fields(JsonObject obj, string manager) =>
        ((obj["metadata"]!["managedFields"] as JsonArray)?.FirstOrDefault(e => (string?)e!["manager"] == manager)?["fieldsV1"] ?? new JsonObject()).ToJsonString(Plain);
}
