using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Tests.Watch;
using Kobune.Storage.Memory;

namespace Kobune.ApiServer.Tests.Registry;

public class GenericPathTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task A_created_object_has_system_fields_and_can_be_read_back()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.CreateConfigMapAsync("a");
        var read = await server.MustAsync("GET", $"{ConfigMaps}/a");
        Assert.True(JsonNode.DeepEquals(created, read), $"{created} is not {read}");
        var metadata = created["metadata"]!;
        Assert.Equal("default", (string?)metadata["namespace"]);
        Assert.True(Guid.TryParse((string?)metadata["uid"], out _));
        Assert.NotEmpty((string)metadata["resourceVersion"]!);
        Assert.NotEmpty((string)metadata["creationTimestamp"]!);
        Assert.Null(metadata["selfLink"]);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_a_conflict_and_a_missing_one_is_not_found()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var again = await server.SendAsync("POST", ConfigMaps, """{"metadata":{"name":"a"}}""");
        Assert.Equal((409, "AlreadyExists", "configmaps \"a\" already exists"), (again.Code, again.Reason, again.Message));
        var missing = await server.SendAsync("GET", $"{ConfigMaps}/b");
        Assert.Equal((404, "NotFound", "configmaps \"b\" not found"), (missing.Code, missing.Reason, missing.Message));
        Assert.Equal("""{"name":"b","kind":"configmaps"}""", missing.Body["details"]!.ToJsonString());
    }

    [Fact]
    public async Task A_name_is_generated_from_its_prefix()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.MustAsync("POST", ConfigMaps, """{"metadata":{"generateName":"x-"}}""");
        Assert.Matches("^x-[bcdfghjklmnpqrstvwxz2456789]{5}$", (string)created["metadata"]!["name"]!);
    }

    [Fact]
    public async Task Without_a_name_the_object_is_invalid()
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", ConfigMaps, "{}");
        Assert.Equal((422, "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required"), (refused.Code, refused.Message));
        var bad = await server.SendAsync("POST", ConfigMaps, """{"metadata":{"name":"A_b"}}""");
        Assert.StartsWith("ConfigMap \"A_b\" is invalid: metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_with_an_old_revision_is_refused_and_one_without_overwrites()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.CreateConfigMapAsync("a");
        await server.MustAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{"name":"a"},"data":{"a":"2"}}""");
        var stale = (JsonObject)first.DeepClone();
        stale["data"]!["a"] = "3";
        var refused = await server.SendAsync("PUT", $"{ConfigMaps}/a", stale.ToJsonString());
        Assert.Equal((409, "Conflict"), (refused.Code, refused.Reason));
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", refused.Message);
        Assert.Equal("2", (string?)(await server.MustAsync("GET", $"{ConfigMaps}/a"))["data"]!["a"]);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_writes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.CreateConfigMapAsync("a");
        var second = await server.MustAsync("PUT", $"{ConfigMaps}/a", first.ToJsonString());
        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)second["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task What_the_cache_does_not_know_yet_is_no_reason_to_write_nothing()
    {
        var store = new HeldStore(new MemoryStore());
        await using var server = await TestServer.StartAsync(store: store);
        await server.CreateConfigMapAsync("a");
        await server.MustAsync("GET", ConfigMaps); // a list waits until the cache has it
        store.Hold();
        await server.MustAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{"name":"a"},"data":{"a":"2"}}""");
        var dry = await server.MustAsync("PATCH", $"{ConfigMaps}/a?dryRun=All", """{"data":{"b":"3"}}""", "application/merge-patch+json");
        Assert.Equal("""{"a":"2","b":"3"}""", dry["data"]!.ToJsonString());
        await server.MustAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{"name":"a"},"data":{"a":"1"}}""");
        var stored = await store.GetAsync("/registry/configmaps/default/a", 0, TestContext.Current.CancellationToken);
        Assert.Contains("\"a\":\"1\"", Encoding.UTF8.GetString(stored.Item!.Value.Span), StringComparison.Ordinal);
        store.Release();
    }

    [Theory]
    [InlineData("application/merge-patch+json", """{"data":{"a":null,"b":"2"}}""")]
    [InlineData("application/strategic-merge-patch+json", """{"data":{"a":null,"b":"2"}}""")]
    [InlineData("application/json-patch+json", """[{"op":"remove","path":"/data/a"},{"op":"add","path":"/data/b","value":"2"}]""")]
    public async Task All_patch_types_change_the_object(string type, string patch)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var patched = await server.MustAsync("PATCH", $"{ConfigMaps}/a", patch, type);
        Assert.Equal("""{"b":"2"}""", patched["data"]!.ToJsonString());
    }

    [Fact]
    public async Task An_unknown_patch_type_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var refused = await server.SendAsync("PATCH", $"{ConfigMaps}/a", "{}", "application/json");
        Assert.Equal((415, "UnsupportedMediaType"), (refused.Code, refused.Reason));
    }

    [Fact]
    public async Task A_deleted_object_is_gone_and_the_answer_names_it()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.CreateConfigMapAsync("a");
        var status = await server.MustAsync("DELETE", $"{ConfigMaps}/a");
        Assert.Equal(("Status", "Success"), ((string?)status["kind"], (string?)status["status"]));
        Assert.Equal((string?)created["metadata"]!["uid"], (string?)status["details"]!["uid"]);
        Assert.Equal(404, (await server.SendAsync("GET", $"{ConfigMaps}/a")).Code);
    }

    [Fact]
    public async Task Delete_preconditions_are_kept()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.CreateConfigMapAsync("a");
        var refused = await server.SendAsync("DELETE", $"{ConfigMaps}/a", """{"preconditions":{"uid":"other"}}""");
        Assert.Equal(409, refused.Code);
        Assert.Equal($"Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not match the UID in record ({created["metadata"]!["uid"]}). The object might have been deleted and then recreated", refused.Message);
    }

    [Fact]
    public async Task Who_an_object_is_and_when_it_goes_cannot_be_written()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.CreateConfigMapAsync("a");
        var patched = await server.SendAsync("PATCH", $"{ConfigMaps}/a", """{"metadata":{"uid":"other"}}""", "application/merge-patch+json");
        Assert.Equal((422, "ConfigMap \"a\" is invalid: metadata.uid: Invalid value: \"other\": field is immutable"), (patched.Code, patched.Message));
        var odd = await server.SendAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{"name":"a","resourceVersion":"x"}}""");
        Assert.Equal((500, "strconv.ParseUint: parsing \"x\": invalid syntax", ""), (odd.Code, odd.Message, odd.Reason));
        Assert.False(odd.Body.ContainsKey("details"));
        foreach (var (query, prefix) in new[] { ("", "/registry"), ("?dryRun=All", "") })
        {
            var put = await server.SendAsync("PUT", $"{ConfigMaps}/a{query}", """{"metadata":{"name":"a","uid":"other"}}""");
            Assert.Equal(
                (409, $"Operation cannot be fulfilled on configmaps \"a\": StorageError: invalid object, Code: 4, Key: {prefix}/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: {created["metadata"]!["uid"]}"),
                (put.Code, put.Message));
        }

        var going = await server.SendAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{"name":"a","deletionTimestamp":"2020-01-01T00:00:00Z","deletionGracePeriodSeconds":5}}""");
        Assert.Equal((422, "ConfigMap \"a\" is invalid: [metadata.deletionTimestamp: Invalid value: \"2020-01-01T00:00:00Z\": field is immutable, metadata.deletionGracePeriodSeconds: Invalid value: 5: field is immutable]"), (going.Code, going.Message));
    }

    [Theory]
    [InlineData("POST", "?dryRun=Some", "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"")]
    [InlineData("GET", "?timeoutSeconds=x", "strconv.ParseInt: parsing \"x\": invalid syntax")]
    public async Task Options_that_mean_nothing_are_refused(string method, string query, string message)
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(message, (await server.SendAsync(method, ConfigMaps + query, method == "GET" ? "" : """{"metadata":{"name":"a"}}""")).Message);
    }

    [Theory]
    [InlineData(""" "finalizers":["a","b/c","d"] """, """metadata.finalizers[0]: Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified""", """metadata.finalizers[2]: Invalid value: "d": name is neither a standard finalizer name nor is it fully qualified""")]
    [InlineData(""" "finalizers":["orphan","foregroundDeletion"] """, """metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set""")]
    [InlineData(""" "ownerReferences":[{"apiVersion":"a/b/c","kind":"K","name":"n","uid":"u"}] """, """metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty""")]
    [InlineData(""" "ownerReferences":[{"apiVersion":"a/","kind":"K","name":"n","uid":"u"}] """, """metadata.ownerReferences.apiVersion: Invalid value: "a/": version must not be empty""")]
    public async Task Metadata_is_refused(string part, params string[] problems)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", ConfigMaps, "{\"metadata\":{\"name\":\"a\"," + part + "}}");
        var text = string.Join(", ", problems);
        Assert.Equal($"ConfigMap \"a\" is invalid: {(problems.Length > 1 ? $"[{text}]" : text)}", refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?dryRun=All")]
    public async Task A_name_whose_object_is_on_its_way_out_is_said_to_be_so(string query)
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", ConfigMaps, """{"metadata":{"name":"a","finalizers":["b/c"]}}""");
        await server.MustAsync("DELETE", $"{ConfigMaps}/a");
        var again = await server.SendAsync("POST", ConfigMaps + query, """{"metadata":{"name":"a"}}""");
        Assert.Equal((409, "AlreadyExists", "object is being deleted: configmaps \"a\" already exists"), (again.Code, again.Reason, again.Message));
    }

    [Fact]
    public async Task Events_own_nothing_and_one_owner_controls()
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", ConfigMaps, """{"metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"Event","name":"e","uid":"1"}]}}""");
        Assert.Equal("ConfigMap \"a\" is invalid: metadata.ownerReferences: Invalid value: {\"apiVersion\":\"v1\",\"kind\":\"Event\",\"name\":\"e\",\"uid\":\"1\"}: /v1, Kind=Event is disallowed from being an owner", refused.Message);
        refused = await server.SendAsync("POST", ConfigMaps, """{"metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"a","uid":"1","controller":true},{"apiVersion":"v1","kind":"Pod","name":"b","uid":"2","controller":true}]}}""");
        Assert.Equal(
            """ConfigMap "a" is invalid: metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"a","uid":"1","controller":true},{"apiVersion":"v1","kind":"Pod","name":"b","uid":"2","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b""",
            refused.Message);
    }

    [Fact]
    public async Task Finalizers_hold_a_deleted_object_until_the_last_one_goes()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", ConfigMaps, """{"metadata":{"name":"a","finalizers":["example.com/x"]}}""");
        var marked = await server.MustAsync("DELETE", $"{ConfigMaps}/a");
        Assert.NotNull(marked["metadata"]!["deletionTimestamp"]);
        Assert.Equal(0, (int)marked["metadata"]!["deletionGracePeriodSeconds"]!);
        var refused = await server.SendAsync("PATCH", $"{ConfigMaps}/a", """{"metadata":{"finalizers":["example.com/x","example.com/y"]}}""", "application/merge-patch+json");
        Assert.Equal(422, refused.Code);
        await server.MustAsync("PATCH", $"{ConfigMaps}/a", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        Assert.Equal(404, (await server.SendAsync("GET", $"{ConfigMaps}/a")).Code);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public async Task Propagation_policies_become_finalizers(string policy, string finalizer)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var marked = await server.MustAsync("DELETE", $"{ConfigMaps}/a?propagationPolicy={policy}");
        Assert.Equal($"[\"{finalizer}\"]", marked["metadata"]!["finalizers"]!.ToJsonString());
    }

    [Fact]
    public async Task A_collection_is_deleted_by_selector()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a", labels: """{"k":"1"}""");
        await server.CreateConfigMapAsync("b", labels: """{"k":"2"}""");
        await server.MustAsync("DELETE", $"{ConfigMaps}?labelSelector=k%3D1");
        var left = await server.MustAsync("GET", ConfigMaps);
        Assert.Equal(["b"], left["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]));
    }

    [Fact]
    public async Task A_dry_run_answers_and_keeps_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("POST", $"{ConfigMaps}?dryRun=All", """{"metadata":{"name":"a"}}""");
        Assert.Equal(201, answer.Code);
        Assert.Equal(404, (await server.SendAsync("GET", $"{ConfigMaps}/a")).Code);
    }

    [Fact]
    public async Task Unknown_fields_are_warned_of_refused_or_dropped()
    {
        await using var server = await TestServer.StartAsync();
        const string Body = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","nope":1},"dada":{}}""";
        var strict = await server.SendAsync("POST", $"{ConfigMaps}?fieldValidation=Strict", Body);
        Assert.Equal((400, "BadRequest"), (strict.Code, strict.Reason));
        Assert.Equal("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"metadata.nope\", unknown field \"dada\"", strict.Message);
        var warned = await server.SendAsync("POST", ConfigMaps, Body);
        Assert.Equal(201, warned.Code);
        Assert.Contains("unknown field \"dada\"", warned.Warnings);
    }

    [Fact]
    public async Task The_body_may_be_YAML()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.MustAsync("POST", ConfigMaps, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: \"yes\"\n  b: |\n    text\n", "application/yaml");
        Assert.Equal("""{"a":"yes","b":"text\n"}""", created["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData("configmaps", """{"apiVersion":"apps/v1","kind":"ConfigMap"}""", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: no kind \"ConfigMap\" is registered for version \"apps/v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"")]
    [InlineData("configmaps", """{"apiVersion":"v2"}""", "ConfigMap in version \"v2\" cannot be handled as a ConfigMap: no kind \"ConfigMap\" is registered for version \"v2\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"")]
    [InlineData("configmaps", """{"kind":"configMap"}""", "configMap in version \"v1\" cannot be handled as a ConfigMap: no kind \"configMap\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"")]
    [InlineData("configmaps", """{"apiVersion":"v1","kind":"Secret"}""", "Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion")]
    [InlineData("configmaps", """{"apiVersion":"apps/v1","kind":"Deployment"}""", "Deployment in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Deployment) to (core.ConfigMap): unknown conversion")]
    [InlineData("events", """{"apiVersion":"events.k8s.io/v1","kind":"Event"}""", "the API version in the data (events.k8s.io/v1) does not match the expected API version (v1)")]
    [InlineData("configmaps", """{"apiVersion":"v1/x/y","kind":"ConfigMap"}""", "the object provided is unrecognized (must be of type ConfigMap): unexpected GroupVersion string: v1/x/y ({\"apiVersion\":\"v1/x/y\",\"kind\": ...)")]
    public async Task A_body_of_another_kind_is_refused(string resource, string body, string message)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("POST", "/api/v1/namespaces/default/" + resource, body);
        Assert.Equal((400, message), (answer.Code, answer.Message));
    }

    [Theory]
    [InlineData("x", "invalid syntax")]
    [InlineData("-1", "invalid syntax")]
    [InlineData("99999999999999999999", "value out of range")]
    public async Task A_revision_that_is_no_number_is_an_error_without_a_reason(string revision, string problem)
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", ConfigMaps, """{"metadata":{"name":"a"}}""");
        var answer = await server.SendAsync("PUT", ConfigMaps + "/a", $$$"""{"metadata":{"name":"a","resourceVersion":"{{{revision}}}"}}""");
        Assert.Equal((500, "", $"strconv.ParseUint: parsing \"{revision}\": {problem}"), (answer.Code, answer.Reason, answer.Message));
    }

    [Fact]
    public async Task Wrong_namespaces_are_refused()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("the namespace of the provided object does not match the namespace sent on the request", (await server.SendAsync("POST", ConfigMaps, """{"metadata":{"name":"a","namespace":"x"}}""")).Message);
    }

    [Fact]
    public async Task What_is_not_served_is_not_found_and_what_cannot_be_done_is_not_allowed()
    {
        await using var server = await TestServer.StartAsync();
        var missing = await server.SendAsync("GET", "/apis/example.com/v1/things");
        Assert.Equal((404, "the server could not find the requested resource"), (missing.Code, missing.Message));
        Assert.Equal("MethodNotAllowed", (await server.SendAsync("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")).Reason);
        var method = await server.SendAsync("DELETE", "/api/v1/namespaces");
        Assert.Equal((405, "the server does not allow this method on the requested resource"), (method.Code, method.Message));
    }

    [Theory]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps/a")]
    [InlineData("POST", "/api/v1/nodes/n")]
    [InlineData("DELETE", "/api/v1/namespaces/default/pods/a/status")]
    [InlineData("DELETE", "/api/v1/namespaces/default/pods/a/log")]
    [InlineData("POST", "/api/v1/namespaces/default/pods/a/log")]
    [InlineData("PUT", "/api/v1/namespaces/default/pods/a/exec")]
    [InlineData("HEAD", "/api/v1/namespaces/default/configmaps")]
    [InlineData("HEAD", "/api/v1/namespaces/default/pods/a/status")]
    [InlineData("HEAD", "/apis/apps/v1")]
    [InlineData("POST", "/apis/apps/v1/namespaces/default/deployments/a/scale")]
    public async Task A_verb_that_a_kind_has_not_is_not_allowed(string method, string path)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync(method, path, """{"metadata":{"name":"a"}}""");
        Assert.Equal((405, "MethodNotAllowed", "the server does not allow this method on the requested resource"), (refused.Code, refused.Reason, refused.Message));
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/pods/p/eviction", """{"apiVersion":"policy/v1","kind":"Eviction"}""", "name in URL does not match name in Eviction object")]
    [InlineData("/api/v1/namespaces/default/pods/p/binding", """{"metadata":{"name":"q"},"target":{"name":"n"}}""", "name in URL does not match name in Binding object")]
    [InlineData("/api/v1/namespaces/default/pods/p/binding", """{"target":{"name":"n"}}""", "name in URL does not match name in Binding object")]
    public async Task What_is_done_to_a_pod_names_it(string path, string body, string message)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", path, body);
        Assert.Equal((400, message), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task What_replaces_an_object_names_it()
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{}}""");
        Assert.Equal((400, "the name of the object (a based on URL) was undeterminable: name must be provided"), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("/a", "PartialObjectMetadataList", "you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)")]
    [InlineData("", "PartialObjectMetadata", "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)")]
    [InlineData("/a", "PartialObjectMetadata", "")]
    [InlineData("", "PartialObjectMetadataList", "")]
    public async Task Metadata_of_lists_and_of_objects_are_asked_for_by_their_names(string name, string kind, string message)
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        await https.Server.CreateConfigMapAsync("a");
        using var client = https.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", $"application/json;as={kind};v=v1;g=meta.k8s.io");
        using var response = await client.GetAsync(ConfigMaps + name, TestContext.Current.CancellationToken);
        var body = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((message.Length == 0 ? 200 : 406, message), ((int)response.StatusCode, (string?)body["message"] ?? ""));
    }
}
