using System.Net.Http.Headers;
using System.Text;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Registry;

/// <summary>Bodies that are none, in the words of upstream.</summary>
public class BadBodyTests
{
    private const string Deployment = """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""";
    private const string Json = "application/json-patch+json";
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Unrecognized = "the object provided is unrecognized (must be of type ConfigMap): ";

    [Theory]
    [InlineData("application/json", "", Unrecognized + "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)")]
    [InlineData("application/json", "hello", Unrecognized + "couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value (68656c6c6f)")]
    [InlineData("application/json", """{"apiVersion":"v1","kind":"ConfigMap",""", Unrecognized + "couldn't get version/kind; json parse error: unexpected end of JSON input ({\"apiVersion\":\"v1\",\"kind\":\"Con ...)")]
    [InlineData("application/json", """{"apiVersion":"v1","kind":"ConfigMap","data":{"a":1}}""", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string")]
    [InlineData("application/yaml", "a: [", Unrecognized + "error converting YAML to JSON: yaml: line ")]
    [InlineData("application/vnd.kubernetes.protobuf", "xxxx", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")]
    public async Task A_body_that_is_no_object_is_refused(string type, string body, string message)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", ConfigMaps, body, type);
        Assert.Equal((400, "BadRequest"), (refused.Code, refused.Reason));
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", ConfigMaps, "application/json", 422, "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required")]
    [InlineData("POST", ConfigMaps, "application/yaml", 422, "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required")]
    [InlineData("PUT", ConfigMaps + "/a", "application/json", 400, "the name of the object (a based on URL) was undeterminable: name must be provided")]
    public async Task Null_is_an_object_without_anything(string method, string path, string type, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var refused = await server.SendAsync(method, path, "null", type);
        Assert.Equal((code, message), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("application/json-patch+json", """[{"op":"test","path":"/data/a","value":"zz"}]""", 422, "the server rejected our request due to an error in our request")]
    [InlineData("application/json-patch+json", "{}", 400, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")]
    [InlineData("application/merge-patch+json", "{", 400, "error decoding patch: unexpected end of JSON input")]
    [InlineData("application/json", "{}", 415, "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml")]
    public async Task A_patch_that_is_none_is_refused(string type, string body, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var refused = await server.SendAsync("PATCH", $"{ConfigMaps}/a", body, type);
        Assert.Equal((code, message), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task Invalid_utf8_is_replaced_and_a_method_that_is_no_verb_is_not_allowed()
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        using var client = https.Client();
        using var body = new ByteArrayContent([.. """{"metadata":{"name":"u"},"data":{"a":"x"""u8, 0xff, .. "\"}}"u8]);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var made = await client.PostAsync(ConfigMaps, body, TestContext.Current.CancellationToken);
        Assert.Contains("\"a\":\"x\uFFFD\"", await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var options = new HttpRequestMessage(HttpMethod.Options, ConfigMaps);
        var refused = await client.SendAsync(options, TestContext.Current.CancellationToken);
        Assert.Contains("the server does not allow this method on the requested resource", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_and_deletes_refuse_what_they_do_not_know()
    {
        await using var server = await TestServer.StartAsync();
        var token = await server.SendAsync("GET", $"{ConfigMaps}?continue=ab*c");
        Assert.Equal("invalid continue token: continue key is not valid: illegal base64 data at input byte 2", token.Message);
        await server.CreateConfigMapAsync("a");
        var policy = await server.SendAsync("DELETE", $"{ConfigMaps}/a", """{"propagationPolicy":"Foo"}""");
        Assert.Equal("DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Foo\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"", policy.Message);
        var large = await server.SendAsync("POST", ConfigMaps, $$$"""{"metadata":{"name":"l"},"data":{"a":"{{{new string('x', (1024 * 1024) + 1)}}}"}}""");
        Assert.Equal("ConfigMap \"l\" is invalid: []: Too long: may not be more than 1048576 bytes", large.Message);
    }

    /// <summary>Where the value that is shown stands, the answers have '…'.</summary>
    [Theory]
    [InlineData(Strategic, """{"spec":{"replicas":"x"}}""", "", 422, "\"\" is invalid: patch: Invalid value: \"map[spec:map[replicas:x]]\": unrecognized type: int32")]
    [InlineData(Strategic, """{"metadata":{"labels":{"a":1}}}""", "", 422, "\"\" is invalid: patch: Invalid value: \"map[metadata:map[labels:map[a:1]]]\": cannot convert int64 to string")]
    [InlineData(Strategic, """{"spec":{"template":[]}}""", "", 422, "\"\" is invalid: patch: Invalid value: \"map[spec:map[template:[]]]\": cannot restore struct from: slice")]
    [InlineData(Strategic, """{"spec":{"template":{"spec":{"containers":{}}}}}""", "", 422, "\"\" is invalid: patch: Invalid value: \"map[spec:map[template:map[spec:map[containers:map[]]]]]\": cannot restore slice from map")]
    [InlineData(Strategic, """{"spec":{"foo":1}}""", "Strict", 422, "\"\" is invalid: patch: Invalid value: \"map[spec:map[foo:1]]\": strict decoding error: unknown field \"spec.foo\"")]
    [InlineData(Strategic, """{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}""", "", 500, "map: map[image:x] does not contain declared merge key: name")]
    [InlineData(Strategic, """{"spec":{"$retainKeys":"x"}}""", "", 400, "invalid patch format of retainKeys")]
    [InlineData(Strategic, "[]", "", 400, "json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData(Merge, "[]", "", 400, "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData(Merge, """{"spec":{"replicas":"x"}}""", "", 422, "\"\" is invalid: patch: Invalid value: \"…\": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData(Merge, """{"spec":{"replicas":1,"replicas":2}}""", "Strict", 422, "\"\" is invalid: patch: Invalid value: \"…\": strict decoding error: duplicate field \"spec.replicas\"")]
    [InlineData(Json, """[{"op":"add","path":"/metadata/labels","value":{},"foo":1}]""", "Strict", 422, "\"\" is invalid: patch: Invalid value: \"…\": strict decoding error: json patch unknown field \"[0].foo\"")]
    [InlineData(Json, """["x"]""", "", 400, "error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp")]
    [InlineData(Json, """[{"op":"remove","path":"/spec/none"}]""", "", 422, "the server rejected our request due to an error in our request")]
    public async Task A_patch_that_makes_no_object_is_refused(string type, string patch, string validation, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", "/apis/apps/v1/namespaces/default/deployments", Deployment);
        var refused = await server.SendAsync("PATCH", $"/apis/apps/v1/namespaces/default/deployments/d?fieldValidation={(validation.Length > 0 ? validation : "Warn")}", patch, type);
        var parts = message.Split('…');
        Assert.Equal(code, refused.Code);
        Assert.StartsWith(parts[0], refused.Message.TrimStart(), StringComparison.Ordinal);
        Assert.EndsWith(parts[^1], refused.Message, StringComparison.Ordinal);
        Assert.True(parts.Length > 1 || refused.Message.TrimStart() == message, refused.Message);
    }

    [Fact]
    public async Task A_patch_of_too_many_operations_is_too_large()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var operations = string.Join(',', Enumerable.Repeat("""{"op":"test","path":"/kind","value":"ConfigMap"}""", 10001));
        var refused = await server.SendAsync("PATCH", "/api/v1/namespaces/default/configmaps/a", $"[{operations}]", Json);
        Assert.Equal((413, "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001"), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData(Merge, """{"kind":"Secret"}""", "converting (v1.Secret) to (core.ConfigMap): unknown conversion")]
    [InlineData(Merge, """{"kind":"X"}""", "no kind \"X\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"")]
    [InlineData(Json, """[{"op":"replace","path":"/apiVersion","value":"v2"}]""", "no kind \"ConfigMap\" is registered for version \"v2\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"")]
    [InlineData(Strategic, """{"kind":"X"}""", null)]
    [InlineData(Json, """[{"op":"remove","path":"/kind"},{"op":"remove","path":"/apiVersion"}]""", null)]
    [InlineData(Json, "null", null)]
    [InlineData(Strategic, """{"$patch":"replace","metadata":{"name":"a"}}""", null)]
    public async Task What_a_patch_makes_is_of_the_kind_that_is_patched(string type, string patch, string? problem)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var answer = await server.SendAsync("PATCH", ConfigMaps + "/a", patch, type);
        Assert.Equal(problem is null ? 200 : 422, answer.Code);
        Assert.EndsWith(problem ?? "", answer.Message, StringComparison.Ordinal);
        if (problem is null)
        {
            Assert.Equal(("ConfigMap", "default"), ((string?)answer.Body["kind"], (string?)answer.Body["metadata"]!["namespace"]));
        }
    }

    [Theory]
    [InlineData("""{"metadata":{"namespace":"other"}}""", "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("""{"metadata":{"name":"other"}}""", "the name of the object (other) does not match the name on the URL (a)")]
    public async Task A_patch_moves_nothing(string patch, string problem)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var answer = await server.SendAsync("PATCH", ConfigMaps + "/a", patch, Merge);
        Assert.Equal((400, problem), (answer.Code, answer.Message));
    }

    [Theory]
    [InlineData("", """{"metadata":{"annotations":{"a":"b"}}}""", 2)]
    [InlineData("", """{"metadata":{"annotations":{}}}""", 1)]
    [InlineData("", """{"metadata":{"labels":{"a":"b"}}}""", 1)]
    [InlineData("/status", """{"metadata":{"annotations":{"a":"b"}}}""", 1)]
    public async Task Annotations_of_deployments_count_their_generation(string subresource, string patch, int generation)
    {
        await using var server = await TestServer.StartAsync();
        const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
        await server.MustAsync("POST", Deployments, Deployment);
        var patched = await server.MustAsync("PATCH", $"{Deployments}/d{subresource}", patch, Merge);
        Assert.Equal(generation, (int)patched["metadata"]!["generation"]!);
    }
}
