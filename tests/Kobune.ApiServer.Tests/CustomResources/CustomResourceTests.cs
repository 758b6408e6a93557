using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.CustomResources;

public class CustomResourceTests
{
    private const string Objects = "/apis/stable.example.com/v1/namespaces/default/crontabs";

    private const string Spec = """
        {"type":"object","required":["image"],"properties":{
          "image":{"type":"string","pattern":"^[a-z]+$"},
          "replicas":{"type":"integer","minimum":1,"maximum":10,"default":1},
          "mode":{"type":"string","enum":["a","b"],"default":"a"},
          "note":{"type":"string","nullable":true},
          "plain":{"type":"string"},
          "port":{"x-kubernetes-int-or-string":true},
          "when":{"type":"string","format":"date-time"},
          "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
          "map":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"integer","default":5}}}},
          "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
          "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"size":{"type":"integer"}}}},
          "pod":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}}
        """;

    [Fact]
    public async Task An_established_definition_is_served_discovered_and_published_at_once()
    {
        await using var server = await TestServer.StartAsync();
        var crd = await server.EstablishAsync(Definitions.CronTabs(Spec));
        Assert.True(Definitions.HasCondition(crd, "NamesAccepted", "True"));
        Assert.Equal("""["v1"]""", crd["status"]!["storedVersions"]!.ToJsonString());
        Assert.Equal(("crontab", "CronTabList"), ((string?)crd["status"]!["acceptedNames"]!["singular"], (string?)crd["status"]!["acceptedNames"]!["listKind"]));
        await CreateAsync(server, """{"image":"x"}""");
        var resources = await server.MustAsync("GET", "/apis/stable.example.com/v1");
        Assert.Equal(["cr"], resources["resources"]![0]!["shortNames"]!.AsArray().Select(n => (string?)n));
        Assert.Equal("stable.example.com/v1", (string?)(await server.MustAsync("GET", "/apis/stable.example.com"))["preferredVersion"]!["groupVersion"]);
        var v3 = await server.MustAsync("GET", "/openapi/v3/apis/stable.example.com/v1");
        Assert.Equal("integer", (string?)v3["components"]!["schemas"]!["com.example.stable.v1.CronTab"]!["properties"]!["spec"]!["properties"]!["replicas"]!["type"]);
        var v2 = await server.MustAsync("GET", "/openapi/v2");
        Assert.NotNull(v2["definitions"]!["com.example.stable.v1.CronTab"]!["x-kubernetes-group-version-kind"]);
        Assert.NotNull(v2["paths"]!["/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}"]);
    }

    /// <summary>A client that knows version 2 alone (kubectl before 1.27) takes what is not among the properties for unknown.</summary>
    [Fact]
    public async Task A_definition_that_is_open_at_its_root_is_published_without_properties_in_version_2()
    {
        await using var server = await TestServer.StartAsync();
        var definition = Definitions.CronTabs(Spec);
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["x-kubernetes-preserve-unknown-fields"] = true;
        await server.EstablishAsync(definition);
        var v2 = await server.MustAsync("GET", "/openapi/v2");
        Assert.Equal(
            """{"type":"object","x-kubernetes-group-version-kind":[{"group":"stable.example.com","kind":"CronTab","version":"v1"}]}""",
            v2["definitions"]!["com.example.stable.v1.CronTab"]!.ToJsonString());
        var v3 = await server.MustAsync("GET", "/openapi/v3/apis/stable.example.com/v1");
        Assert.NotNull(v3["components"]!["schemas"]!["com.example.stable.v1.CronTab"]!["properties"]!["spec"]);
    }

    /// <summary>kubectl wait, right after the create, takes a list without the condition for "not yet" and null for an error.</summary>
    [Fact]
    public async Task A_new_definition_has_a_list_of_conditions()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.MustAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definitions.CronTabs(Spec).ToJsonString());
        Assert.Equal("""{"conditions":[],"acceptedNames":{"plural":"","kind":""},"storedVersions":["v1"]}""", created["status"]!.ToJsonString());
    }

    [Fact]
    public async Task Unknown_fields_are_pruned_told_or_refused_and_defaults_are_set()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec));
        var warned = await server.SendAsync("POST", Objects, Object("a", """{"image":"x","foo":1,"open":{"any":{"thing":1}},"map":{"k":{"y":2}},"note":null,"plain":null,"pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","bar":1},"spec":{"z":1}}}"""));
        Assert.Equal(201, warned.Code);
        Assert.Equal(
            """{"image":"x","map":{"k":{"x":5}},"mode":"a","note":null,"open":{"any":{"thing":1}},"pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"z":1}},"replicas":1}""",
            warned.Body["spec"]!.ToJsonString());
        Assert.Equal(["unknown field \"spec.foo\"", "unknown field \"spec.map.k.y\"", "unknown field \"spec.pod.metadata.bar\""], warned.Warnings.Order(StringComparer.Ordinal));
        var refused = await server.SendAsync("POST", $"{Objects}?fieldValidation=Strict", Object("b", """{"image":"x","foo":1,"open":{"a":1,"a":2}}"""));
        Assert.Equal("CronTab in version \"v1\" cannot be handled as a CronTab: strict decoding error: duplicate field \"spec.open.a\", unknown field \"spec.foo\"", refused.Message);
    }

    [Theory]
    [InlineData("{}", "spec.image: Required value")]
    [InlineData("""{"image":"X"}""", "spec.image: Invalid value: \"X\": spec.image in body should match '^[a-z]+$'")]
    [InlineData("""{"image":"x","replicas":0}""", "spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1")]
    [InlineData("""{"image":"x","replicas":"1"}""", "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\"")]
    [InlineData("""{"image":"x","mode":"c"}""", "spec.mode: Unsupported value: \"c\": supported values: \"a\", \"b\"")]
    [InlineData("""{"image":"x","port":true}""", "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"image":"x","when":"noon"}""", "spec.when: Invalid value: \"noon\": spec.when in body must be of type date-time: \"noon\"")]
    [InlineData("""{"image":"x","tags":["a","a"]}""", "spec.tags[1]: Duplicate value: \"a\"")]
    [InlineData("""{"image":"x","parts":[{"name":"a"},{"name":"a"}]}""", "spec.parts[1]: Duplicate value: {\"name\":\"a\"}")]
    [InlineData("""{"image":"x","parts":[{}]}""", "spec.parts[0].name: Required value")]
    [InlineData("""{"image":"x","pod":{"kind":"Pod"}}""", "spec.pod.apiVersion: Required value")]
    public async Task What_does_not_fit_the_schema_is_invalid(string spec, string problem)
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec));
        var refused = await server.SendAsync("POST", Objects, Object("a", spec));
        Assert.Equal((422, "Invalid"), (refused.Code, refused.Reason));
        Assert.Equal($"CronTab.stable.example.com \"a\" is invalid: {problem}", refused.Message);
    }

    [Fact]
    public async Task Status_and_scale_are_subresources_and_the_generation_counts_what_is_wanted()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec, """{"subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.selector"}}}"""));
        Assert.Equal(
            [
                "crontabs: delete deletecollection get list patch create update watch",
                "crontabs/status: get patch update",
                "crontabs/scale: get patch update",
            ],
            (await server.MustAsync("GET", "/apis/stable.example.com/v1"))["resources"]!.AsArray().Select(r => $"{r!["name"]}: {string.Join(' ', r["verbs"]!.AsArray().Select(v => (string?)v))}"));
        var made = await server.MustAsync("POST", Objects, """{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"a"},"spec":{"image":"x"},"status":{"replicas":9}}""");
        Assert.Null(made["status"]);
        await server.MustAsync("PATCH", $"{Objects}/a/status", """{"spec":{"image":"y"},"status":{"replicas":2,"selector":"app=a"}}""", "application/merge-patch+json");
        var scale = await server.MustAsync("PATCH", $"{Objects}/a/scale", """{"spec":{"replicas":4}}""", "application/merge-patch+json");
        Assert.Equal("""{"replicas":2,"selector":"app=a"}""", scale["status"]!.ToJsonString());
        var read = await server.MustAsync("GET", $"{Objects}/a");
        Assert.Equal(("x", 4, 2), ((string?)read["spec"]!["image"], (int?)read["spec"]!["replicas"], (int?)read["metadata"]!["generation"]));
        Assert.Equal(405, (await server.SendAsync("POST", $"{Objects}/a/scale", "{}")).Code);
    }

    [Fact]
    public async Task Versions_share_objects_and_each_prunes_and_defaults_by_its_schema()
    {
        await using var server = await TestServer.StartAsync();
        const string Two = """{"name":"v2","served":true,"storage":false,"selectableFields":[{"jsonPath":".spec.color"}],"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"image":{"type":"string"},"color":{"type":"string","default":"red","enum":["red","blue"]}}}}}}}""";
        const string One = """{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"image":{"type":"string"}}}}}}}""";
        await server.EstablishAsync(Definitions.Of("crontabs", "CronTab", JsonNode.Parse(One)!, JsonNode.Parse(Two)!));
        await CreateAsync(server, """{"image":"x"}""");
        var second = await server.MustAsync("GET", Objects.Replace("/v1/", "/v2/", StringComparison.Ordinal) + "/a");
        Assert.Equal(("stable.example.com/v2", """{"color":"red","image":"x"}"""), ((string?)second["apiVersion"], second["spec"]!.ToJsonString()));
        var green = await server.SendAsync("POST", Objects.Replace("/v1/", "/v2/", StringComparison.Ordinal), Object("g", """{"color":"green"}""").Replace("/v1", "/v2", StringComparison.Ordinal));
        Assert.Equal("CronTab.stable.example.com \"g\" is invalid: spec.color: Unsupported value: \"green\": supported values: \"red\", \"blue\"", green.Message);
        Assert.Equal("v2", (string?)(await server.MustAsync("GET", "/apis/stable.example.com"))["preferredVersion"]!["version"]);
        var crd = await server.MustAsync("GET", $"{Definitions.Path}/crontabs.stable.example.com");
        (crd["spec"]!["versions"]![0]!["storage"], crd["spec"]!["versions"]![1]!["storage"]) = (false, true);
        var watch = server.Watch($"{Objects}?watch=1&resourceVersion=0");
        Assert.Equal("ADDED a", await watch.NextTextAsync());
        var changed = await server.MustAsync("PUT", $"{Definitions.Path}/crontabs.stable.example.com", crd.ToJsonString());
        Assert.Equal("""["v1","v2"]""", changed["status"]!["storedVersions"]!.ToJsonString());
        await watch.EndsAsync(); // a changed definition closes its watches
        var patched = await server.MustAsync("PATCH", $"{Objects}/a", """{"metadata":{"labels":{"x":"y"}}}""", "application/merge-patch+json");
        Assert.Equal(("stable.example.com/v1", """{"image":"x"}"""), ((string?)patched["apiVersion"], patched["spec"]!.ToJsonString()));
        var blue = await server.MustAsync("POST", Objects.Replace("/v1/", "/v2/", StringComparison.Ordinal), Object("b", """{"color":"blue"}""").Replace("/v1", "/v2", StringComparison.Ordinal));
        Assert.Equal("blue", (string?)blue["spec"]!["color"]);
        await server.MustAsync("GET", Objects);
        var selected = await server.MustAsync("GET", $"{Objects.Replace("/v1/", "/v2/", StringComparison.Ordinal)}?fieldSelector=spec.color%3Dblue");
        Assert.Equal(["b"], selected["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]));
        Assert.Equal("field label not supported: spec.color", (await server.SendAsync("GET", $"{Objects}?fieldSelector=spec.color%3Dblue")).Message);
    }

    [Fact]
    public async Task Names_that_are_taken_are_not_accepted_until_they_are_free()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec));
        var second = Definitions.Of("others", "CronTab", Definitions.CronTabs(Spec)["spec"]!["versions"]![0]!.DeepClone());
        var watch = server.Watch($"{Definitions.Path}?watch=1&fieldSelector=metadata.name%3Dothers.stable.example.com");
        await server.MustAsync("POST", Definitions.Path, second.ToJsonString());
        var refused = await watch.UntilAsync(o => Definitions.HasCondition(o, "NamesAccepted", "False"));
        var condition = refused["status"]!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "NamesAccepted")!;
        Assert.Equal(("ListKindConflict", "\"CronTabList\" is already in use"), ((string?)condition["reason"], (string?)condition["message"]));
        Assert.True(Definitions.HasCondition(refused, "Established", "False"));
        Assert.Equal(404, (await server.SendAsync("GET", "/apis/stable.example.com/v1/namespaces/default/others")).Code);
        await server.MustAsync("DELETE", $"{Definitions.Path}/crontabs.stable.example.com");
        await watch.UntilAsync(o => Definitions.HasCondition(o, "Established", "True"));
        await server.MustAsync("GET", "/apis/stable.example.com/v1/namespaces/default/others");
    }

    [Fact]
    public async Task A_definition_goes_after_its_objects_and_takes_in_no_new_ones()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec));
        await server.MustAsync("POST", Objects, Object("a", """{"image":"x"}""").Replace("\"name\":\"a\"", "\"name\":\"a\",\"finalizers\":[\"example.com/hold\"]", StringComparison.Ordinal));
        await CreateAsync(server, """{"image":"x"}""", "b");
        var watch = server.Watch($"{Definitions.Path}?watch=1&resourceVersion=0");
        await server.MustAsync("DELETE", $"{Definitions.Path}/crontabs.stable.example.com");
        await watch.UntilAsync(o => Definitions.HasCondition(o, "Terminating", "True"));
        var refused = await server.SendAsync("POST", Objects, Object("c", """{"image":"x"}"""));
        Assert.Equal((405, "create not allowed while custom resource definition is terminating"), (refused.Code, refused.Message));
        await server.MustAsync("PATCH", $"{Objects}/a", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        while ((await watch.NextAsync()).Type != "DELETED")
        {
        }

        await server.EstablishAsync(Definitions.CronTabs(Spec));
        Assert.Empty((await server.MustAsync("GET", Objects))["items"]!.AsArray());
    }

    [Fact]
    public async Task Custom_objects_are_applied_item_by_item()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec));
        var first = await server.MustAsync("PATCH", $"{Objects}/a?fieldManager=one", Object("a", """{"image":"x","parts":[{"name":"p","size":1}],"tags":["s"]}"""), "application/apply-patch+yaml");
        Assert.Equal("""[{"name":"p","size":1}]""", first["spec"]!["parts"]!.ToJsonString());
        var both = await server.MustAsync("PATCH", $"{Objects}/a?fieldManager=two", Object("a", """{"parts":[{"name":"q"}],"tags":["t"],"open":{"free":1}}"""), "application/apply-patch+yaml");
        Assert.Equal(["p", "q"], both["spec"]!["parts"]!.AsArray().Select(p => (string?)p!["name"]));
        Assert.Equal("""["s","t"]""", both["spec"]!["tags"]!.ToJsonString());
        var refused = await server.SendAsync("PATCH", $"{Objects}/a?fieldManager=two", Object("a", """{"parts":[{"name":"p","size":2}]}"""), "application/apply-patch+yaml");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.parts[name=\"p\"].size", refused.Message);
        var unknown = await server.SendAsync("PATCH", $"{Objects}/a?fieldManager=two", Object("a", """{"foo":1}"""), "application/apply-patch+yaml");
        Assert.Equal("failed to create typed patch object (/a; stable.example.com/v1, Kind=CronTab): .spec.foo: field not declared in schema", unknown.Message);
        Assert.Equal(415, (await server.SendAsync("PATCH", $"{Objects}/a", "{}", "application/strategic-merge-patch+json")).Code);
    }

    [Fact]
    public async Task What_is_established_is_served_after_a_restart_and_dropped_defaults_stay_in_what_was_stored()
    {
        var store = new Storage.Memory.MemoryStore();
        await using (var server = await TestServer.StartAsync(store: new KeptStore(store)))
        {
            await server.EstablishAsync(Definitions.CronTabs(Spec));
            await CreateAsync(server, """{"image":"x"}""");
        }

        await using var again = await TestServer.StartAsync(store: store);
        Assert.Equal("a", (string?)(await again.MustAsync("GET", $"{Objects}/a"))["spec"]!["mode"]);
        var crd = await again.MustAsync("GET", $"{Definitions.Path}/crontabs.stable.example.com");
        var properties = (JsonObject)crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!;
        ((JsonObject)properties["mode"]!).Remove("default");
        properties["added"] = new JsonObject { ["type"] = "string", ["default"] = "new" };
        await using var watch = again.Watch($"{Objects}?watch=1&resourceVersion=0");
        await watch.NextAsync();
        await again.MustAsync("PUT", $"{Definitions.Path}/crontabs.stable.example.com", crd.ToJsonString());
        await watch.EndsAsync();
        var read = await again.MustAsync("GET", $"{Objects}/a");
        Assert.Equal(("a", "new"), ((string?)read["spec"]!["mode"], (string?)read["spec"]!["added"]));
    }

    [Fact]
    public async Task What_was_invalid_before_may_stay_but_nothing_new()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}}}"""));
        await server.MustAsync("POST", Objects, Object("a", """{"a":50}"""));
        await using var watch = server.Watch($"{Objects}?watch=1&resourceVersion=0");
        await watch.NextAsync();
        await server.MustAsync("PATCH", $"{Definitions.Path}/crontabs.stable.example.com", """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/a/maximum","value":10}]""", "application/json-patch+json");
        await watch.EndsAsync();
        await server.MustAsync("PATCH", $"{Objects}/a", """{"spec":{"b":1}}""", "application/merge-patch+json");
        var refused = await server.SendAsync("PATCH", $"{Objects}/a", """{"spec":{"a":51}}""", "application/merge-patch+json");
        Assert.Equal("CronTab.stable.example.com \"a\" is invalid: spec.a: Invalid value: 51: spec.a in body should be less than or equal to 10", refused.Message);
    }

    [Fact]
    public async Task A_deprecated_version_warns()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.CronTabs(Spec, """{"deprecated":true}"""));
        Assert.Equal(["stable.example.com/v1 CronTab is deprecated"], (await server.SendAsync("GET", Objects)).Warnings);
    }

    private static Task<JsonObject> CreateAsync(TestServer server, string spec, string name = "a") => server.MustAsync("POST", Objects, Object(name, spec));

    private static string Object(string name, string spec) =>
        """{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"NAME"},"spec":SPEC}""".Replace("NAME", name, StringComparison.Ordinal).Replace("SPEC", spec, StringComparison.Ordinal);
}
