using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Fields;

public class ApplyTests
{
    private const string Type = "application/apply-patch+yaml";
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Deployment = "/apis/apps/v1/namespaces/default/deployments/web";

    [Fact]
    public async Task An_apply_makes_the_object_and_owns_what_it_says()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await ApplyAsync(server, "one", """{"labels":{"x":"y"}}""", """{"k":"v"}""");
        Assert.Equal(201, answer.Code);
        var entry = answer.Body["metadata"]!["managedFields"]!.AsArray().Single()!;
        Assert.Equal(("one", "Apply", "v1"), ((string?)entry["manager"], (string?)entry["operation"], (string?)entry["apiVersion"]));
        Assert.Equal("""{"f:data":{"f:k":{}},"f:metadata":{"f:labels":{"f:x":{}}}}""", entry["fieldsV1"]!.ToJsonString());
        Assert.Equal(200, (await ApplyAsync(server, "one", "{}", """{"k":"w"}""")).Code);
    }

    [Fact]
    public async Task What_another_applies_otherwise_is_a_conflict_and_force_takes_it()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, "one", "{}", """{"a":"1","b":"2"}""");
        var refused = await ApplyAsync(server, "two", "{}", """{"a":"other","c":"3"}""");
        Assert.Equal((409, "Conflict", "Apply failed with 1 conflict: conflict with \"one\": .data.a"), (refused.Code, refused.Reason, refused.Message));
        Assert.Equal("""[{"reason":"FieldManagerConflict","message":"conflict with \"one\"","field":".data.a"}]""", Plain(refused.Body["details"]!["causes"]!));
        var forced = await ApplyAsync(server, "two", "{}", """{"a":"other","c":"3"}""", "&force=true");
        Assert.Equal("""{"a":"other","b":"2","c":"3"}""", forced.Body["data"]!.ToJsonString());
        Assert.Equal("""{"f:data":{"f:b":{}}}""", Owned(forced.Body, "one"));
        Assert.Equal("""{"f:data":{"f:a":{},"f:c":{}}}""", Owned(forced.Body, "two"));
    }

    [Fact]
    public async Task A_value_of_zero_is_a_value_that_others_may_not_overwrite()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("PATCH", $"{Deployment}?fieldManager=one", Web("true"), Type);
        var refused = await server.SendAsync("PATCH", $"{Deployment}?fieldManager=two", Web("false"), Type);
        Assert.Equal((409, "Apply failed with 1 conflict: conflict with \"one\": .spec.paused"), (refused.Code, refused.Message));
        var forced = await server.MustAsync("PATCH", $"{Deployment}?fieldManager=two&force=true", Web("false"), Type);
        Assert.Null(forced["spec"]!["paused"]);
        Assert.Equal((string?)forced["metadata"]!["resourceVersion"], (string?)(await server.MustAsync("PATCH", $"{Deployment}?fieldManager=two", Web("false"), Type))["metadata"]!["resourceVersion"]);

        static string Web(string paused) =>
            $$$$$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"paused":{{{{{paused}}}}},"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""";
    }

    [Fact]
    public async Task Several_conflicts_are_listed_by_manager()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, "one", "{}", """{"a":"1"}""");
        await server.MustAsync("PATCH", $"{ConfigMaps}/m?fieldManager=editor", """{"data":{"b":"2"}}""", "application/merge-patch+json");
        var refused = await ApplyAsync(server, "two", "{}", """{"a":"x","b":"x"}""");
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"editor\" using v1:\n- .data.b\nconflicts with \"one\":\n- .data.a", refused.Message);
    }

    [Fact]
    public async Task The_same_value_is_shared_and_stays_until_its_last_owner_lets_go()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, "one", "{}", """{"a":"1","b":"2"}""");
        var shared = await ApplyAsync(server, "two", "{}", """{"a":"1"}""");
        Assert.Equal(200, shared.Code);
        Assert.Equal("""{"f:data":{"f:a":{}}}""", Owned(shared.Body, "two"));
        var left = await ApplyAsync(server, "one", "{}", """{"b":"2"}""");
        Assert.Equal("""{"a":"1","b":"2"}""", left.Body["data"]!.ToJsonString());
        var gone = await ApplyAsync(server, "two", "{}", "{}");
        Assert.Equal("""{"b":"2"}""", gone.Body["data"]!.ToJsonString());
    }

    [Fact]
    public async Task An_apply_that_changes_nothing_writes_nothing_and_a_dry_run_keeps_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var first = await ApplyAsync(server, "one", "{}", """{"a":"1"}""");
        var again = await ApplyAsync(server, "one", "{}", """{"a":"1"}""");
        Assert.True(JsonNode.DeepEquals(first.Body, again.Body), $"{again.Body} is not {first.Body}");
        var dry = await ApplyAsync(server, "one", "{}", """{"a":"2"}""", "&dryRun=All");
        Assert.Equal("2", (string?)dry.Body["data"]!["a"]);
        Assert.Equal("1", (string?)(await server.MustAsync("GET", $"{ConfigMaps}/m"))["data"]!["a"]);
    }

    [Fact]
    public async Task Items_of_lists_are_merged_by_their_keys_and_defaults()
    {
        await using var server = await TestServer.StartAsync();
        const string Frame = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
            """;
        await server.MustAsync("PATCH", $"{Deployment}?fieldManager=one", $"{Frame}\n      - {{name: b, image: i, ports: [{{containerPort: 80}}]}}\n      - {{name: c, image: i}}\n", Type);
        var both = await server.MustAsync("PATCH", $"{Deployment}?fieldManager=two", """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},
             "spec":{"template":{"spec":{"containers":[{"name":"a","image":"i"},{"name":"b","ports":[{"containerPort":80,"protocol":"TCP","name":"http"}]}]}}}}
            """, Type);
        var containers = both["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["a", "b", "c"], containers.Select(c => (string?)c!["name"]));
        Assert.Equal("""[{"name":"http","containerPort":80,"protocol":"TCP"}]""", containers[1]!["ports"]!.ToJsonString());
        var fewer = await server.MustAsync("PATCH", $"{Deployment}?fieldManager=one", $"{Frame}\n      - {{name: b, image: i, ports: [{{containerPort: 80}}]}}\n", Type);
        Assert.Equal(["a", "b"], fewer["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(c => (string?)c!["name"]));
    }

    [Fact]
    public async Task Replicas_that_somebody_scaled_are_theirs_also_when_applied_at_the_subresource()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("PATCH", $"{Deployment}?fieldManager=one", Replicas(1), Type);
        await server.MustAsync("PATCH", $"{Deployment}/scale?fieldManager=kubectl", """{"spec":{"replicas":3}}""", "application/merge-patch+json");
        var refused = await server.SendAsync("PATCH", $"{Deployment}?fieldManager=one", Replicas(1), Type);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" using apps/v1: .spec.replicas", refused.Message);
        var scale = await server.MustAsync("PATCH", $"{Deployment}/scale?fieldManager=hpa&force=true", """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"},"spec":{"replicas":5}}""", Type);
        Assert.Equal((5, "Scale"), ((int?)scale["spec"]!["replicas"], (string?)scale["kind"]));
        var live = await server.MustAsync("GET", Deployment);
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", Owned(live, "hpa"));
        Assert.DoesNotContain("kubectl", live["metadata"]!["managedFields"]!.AsArray().Select(e => (string?)e!["manager"]));
    }

    [Fact]
    public async Task A_status_is_applied_at_its_subresource_alone()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("PATCH", $"{Deployment}?fieldManager=one", Replicas(1), Type);
        const string Status = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":9},"status":{"replicas":2,"conditions":[{"type":"Available","status":"True"}]}}""";
        var written = await server.MustAsync("PATCH", $"{Deployment}/status?fieldManager=ctrl", Status, Type);
        Assert.Equal((2, 1), ((int?)written["status"]!["replicas"], (int?)written["spec"]!["replicas"]));
        Assert.StartsWith("{\"f:status\":{\"f:conditions\":{\"k:", Plain(JsonNode.Parse(Owned(written, "ctrl"))!), StringComparison.Ordinal);
        var missing = await server.SendAsync("PATCH", $"{Deployment}2/status?fieldManager=ctrl", Status.Replace("\"web\"", "\"web2\"", StringComparison.Ordinal), Type);
        Assert.Equal((404, "NotFound"), (missing.Code, missing.Reason));
    }

    [Fact]
    public async Task What_was_there_before_anybody_applied_is_everybodys()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("m");
        await server.MustAsync("PATCH", $"{ConfigMaps}/m", """{"metadata":{"managedFields":[{}]}}""", "application/merge-patch+json");
        var refused = await ApplyAsync(server, "one", "{}", """{"a":"9"}""");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.a", refused.Message);
    }

    [Fact]
    public async Task Kubectl_takes_over_what_it_applied_client_side_and_keeps_its_annotation_in_step()
    {
        await using var server = await TestServer.StartAsync();
        const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
        var last = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "m" }, ["data"] = new JsonObject { ["a"] = "1" } }.ToJsonString();
        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "m", ["annotations"] = new JsonObject { [Annotation] = last } }, ["data"] = new JsonObject { ["a"] = "1", ["b"] = "2" } };
        await server.MustAsync("POST", $"{ConfigMaps}?fieldManager=kubectl-client-side-apply", body.ToJsonString());
        Assert.Equal(409, (await ApplyAsync(server, "other", "{}", """{"a":"3"}""")).Code);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.b", (await ApplyAsync(server, "kubectl", "{}", """{"a":"3","b":"3"}""")).Message);
        var taken = await ApplyAsync(server, "kubectl", "{}", """{"a":"3"}""");
        Assert.Equal(200, taken.Code);
        Assert.Equal("{\"apiVersion\":\"v1\",\"data\":{\"a\":\"3\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"}}\n", (string?)taken.Body["metadata"]!["annotations"]![Annotation]);
    }

    [Theory]
    [InlineData("?fieldManager=", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"}}""", 422, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"m"}}""", 400, "invalid object type: /v2, Kind=ConfigMap")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","managedFields":[]}}""", 400, "metadata.managedFields must be nil")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"other"}}""", 400, "the name of the object (other) does not match the name on the URL (m)")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"dataa":{}}""", 500, "failed to create typed patch object (/m; /v1, Kind=ConfigMap): .dataa: field not declared in schema")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":[]}""", 500, "failed to create typed patch object (/m; /v1, Kind=ConfigMap): .data: expected map, got &{[]}")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":[1,{"b":"c"}]}}""", 500, "failed to create typed patch object (/m; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:[]interface {}{1, map[string]interface {}{\"b\":\"c\"}}}")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"immutable":{"b":["c",null]}}""", 500, "failed to create typed patch object (/m; /v1, Kind=ConfigMap): .immutable: expected boolean, got &{map[b:[c <nil>]]}")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","uid":"u"}}""", 409, "Operation cannot be fulfilled on configmaps \"m\": uid mismatch: the provided object specified uid u, and no existing object was found")]
    [InlineData("?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{},"data":{"a":"1"}}""", 422, "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required")]
    [InlineData("?fieldManager=x", "{", 400, "error decoding YAML: ")]
    [InlineData("?fieldManager=x&fieldValidation=Strict", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  a: b\n  a: c\n", 400, "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key \"a\" already set in map")]
    public async Task What_cannot_be_applied_is_refused(string query, string body, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("PATCH", $"{ConfigMaps}/m{query}", body, Type);
        Assert.Equal(code, refused.Code);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_there_is_already_need_not_be_named()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", ConfigMaps, """{"metadata":{"name":"m"},"data":{"a":"1"}}""");
        var applied = await server.SendAsync("PATCH", $"{ConfigMaps}/m?fieldManager=x", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{},"data":{"b":"2"}}""", Type);
        Assert.Equal((200, "m", "2"), (applied.Code, (string?)applied.Body["metadata"]!["name"], (string?)applied.Body["data"]!["b"]));
    }

    [Fact]
    public async Task Items_without_key_and_twice_the_same_are_refused()
    {
        await using var server = await TestServer.StartAsync();
        var refused = await ApplyAsync("""{"name":"c"},{"name":"c"},"i",{}""", "");
        Assert.Equal(
            "failed to create typed patch object (/p; /v1, Kind=Pod): errors:\n  .spec.containers: duplicate entries for key [name=\"c\"]\n"
            + "  .spec.containers: element 2: associative list with keys may not have non-map elements",
            refused.Message);
        refused = await ApplyAsync("null", "");
        Assert.Equal("failed to create typed patch object (/p; /v1, Kind=Pod): .spec.containers: element 0: associative list with keys may not have a null element", refused.Message);
        refused = await ApplyAsync("{}", ""","tolerations":[{}],"ephemeralContainers":[{},{}]""");
        Assert.Equal("failed to create typed patch object (/p; /v1, Kind=Pod): .spec.ephemeralContainers: duplicate entries for key [name=\"\"]", refused.Message);
        refused = await server.SendAsync("PATCH", "/api/v1/namespaces/default/serviceaccounts/s?fieldManager=x", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"s"},"secrets":[{"kind":"k"}]}""", Type);
        Assert.Equal(
            "failed to create typed patch object (/s; /v1, Kind=ServiceAccount): .secrets: element 0: associative list with keys has an element that omits all key fields [\"name\"] "
            + "(and doesn't have default values for any key fields)",
            refused.Message);

        Task<TestServer.Answer> ApplyAsync(string containers, string more) => server.SendAsync(
            "PATCH", "/api/v1/namespaces/default/pods/p?fieldManager=x", $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{{{containers}}}]{{{more}}}}}""", Type);
    }

    [Fact]
    public async Task An_apply_that_changes_nothing_leaves_no_time()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, "one", "{}", """{"a":"1"}""");
        var shared = await ApplyAsync(server, "two", "{}", """{"a":"1"}""");
        var entries = shared.Body["metadata"]!["managedFields"]!.AsArray();
        Assert.NotNull(entries.Single(e => (string?)e!["manager"] == "one")!["time"]);
        Assert.Null(entries.Single(e => (string?)e!["manager"] == "two")!["time"]);
    }

    [Fact]
    public async Task A_value_in_another_form_is_a_change_to_it_and_what_is_above_is_told_before_what_is_below()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("PATCH", $"{Pods}/p?fieldManager=one", Pod("""{"cpu":"1"}""", "\"k\":\"1\""), Type);
        var refused = await server.SendAsync("PATCH", $"{Pods}/p?fieldManager=two", Pod("""{"cpu":"1000m"}""", ""), Type);
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.nodeSelector\n- .spec.containers[name=\"c\"].resources.limits.cpu", refused.Message);

        static string Pod(string limits, string selector) =>
            $$$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"nodeSelector":{{{{{selector}}}}},"containers":[{"name":"c","image":"i","resources":{"limits":{{{{limits}}}}}}]}}""";
    }

    [Fact]
    public async Task Null_takes_a_field_that_another_owns()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("PATCH", $"{ConfigMaps}/m?fieldManager=one", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"immutable":false}""", Type);
        var refused = await server.SendAsync("PATCH", $"{ConfigMaps}/m?fieldManager=two", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"immutable":null}""", Type);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .immutable", refused.Message);
    }

    [Fact]
    public async Task Force_is_for_applies_alone()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("m");
        var refused = await server.SendAsync("PATCH", $"{ConfigMaps}/m?force=true", "{}", "application/merge-patch+json");
        Assert.Equal("PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch", refused.Message);
    }

    private static Task<TestServer.Answer> ApplyAsync(TestServer server, string manager, string metadata, string data, string query = "")
    {
        var meta = (JsonObject)JsonNode.Parse(metadata)!;
        meta["name"] = "m";
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = meta, ["data"] = JsonNode.Parse(data) };
        return server.SendAsync("PATCH", $"{ConfigMaps}/m?fieldManager={manager}{query}", body.ToJsonString(), Type);
    }

    private static string Replicas(int count) =>
        """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":N,"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}"""
            .Replace("N", $"{count}", StringComparison.Ordinal);

    private static string Owned(JsonObject obj, string manager) =>
        obj["metadata"]!["managedFields"]!.AsArray().Single(e => (string?)e!["manager"] == manager)!["fieldsV1"]!.ToJsonString();

    private static string Plain(JsonNode node) => node.ToJsonString(Relaxed);

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
