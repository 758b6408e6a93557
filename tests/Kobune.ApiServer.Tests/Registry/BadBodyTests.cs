using System.Net.Http.Headers;
using System.Text;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Registry;

/// <summary>Bodies that are none, in the words of upstream.</summary>
public class BadBodyTests
{
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
    [InlineData("application/json-patch+json", """[{"op":"test","path":"/data/a","value":"zz"}]""", 422, "the server rejected our request due to an error in our request")]
    [InlineData("application/json-patch+json", "{}", 400, "json: cannot unmarshal object into Go value of type jsonpatch.Patch")]
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
}
