using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Aggregation;

namespace Kobune.ApiServer.Tests.Aggregation;

/// <summary>OpenAPI v3 for aggregated servers that have version 2 alone.</summary>
public class OpenApiUpgradeTests
{
    private const string Path = "/apis/metrics.k8s.io/v1beta1/nodes";

    /// <summary>A part of a document of version 2, the place in version 3, and what is there.</summary>
    public static TheoryData<string, string, string> Parts => new()
    {
        { """{"info":{"title":"t","version":"1"}}""", "info", """{"title":"t","version":"1"}""" },
        { "{}", "openapi", "\"3.0.0\"" },
        { """{"definitions":{"A":{"type":"object","properties":{"b":{"$ref":"#/definitions/B"},"c":{"description":"d","$ref":"#/definitions/C"},"l":{"type":"array","items":{"$ref":"#/definitions/B"}},"m":{"additionalProperties":{"$ref":"#/definitions/B"}}},"x-kubernetes-a":{"$ref":"kept"}}}}""", "components.schemas.A",
          """{"type":"object","properties":{"b":{"$ref":"#/components/schemas/B"},"c":{"description":"d","allOf":[{"$ref":"#/components/schemas/C"}]},"l":{"type":"array","items":{"$ref":"#/components/schemas/B"}},"m":{"additionalProperties":{"$ref":"#/components/schemas/B"}}},"x-kubernetes-a":{"$ref":"kept"}}""" },
        { """{"paths":{"/a":{"x-a":1,"get":{"operationId":"o","tags":["t"],"consumes":["a/b"],"produces":["a/b","c/d"],"schemes":["https"],"responses":{"200":{"description":"OK","schema":{"$ref":"#/definitions/A"}},"401":{"description":"No"}}}}}}""", "paths./a",
          """{"x-a":1,"get":{"tags":["t"],"operationId":"o","responses":{"200":{"description":"OK","content":{"a/b":{"schema":{"$ref":"#/components/schemas/A"}},"c/d":{"schema":{"$ref":"#/components/schemas/A"}}}},"401":{"description":"No"}}}}""" },
        { """{"paths":{"/a":{"parameters":[{"name":"n","in":"path","required":true,"type":"string","uniqueItems":true}],"post":{"consumes":["a/b"],"parameters":[{"name":"body","in":"body","required":true,"schema":{"$ref":"#/definitions/A"}},{"$ref":"#/parameters/p"}],"responses":{"default":{"$ref":"#/responses/r"}}}}}}""", "paths./a",
          """{"post":{"requestBody":{"content":{"a/b":{"schema":{"$ref":"#/components/schemas/A"}}}},"parameters":[{"$ref":"#/components/parameters/p"}],"responses":{"default":{"$ref":"#/components/responses/r"}}},"parameters":[{"name":"n","in":"path","required":true,"schema":{"type":"string","uniqueItems":true}}]}""" },
        { """{"securityDefinitions":{"o":{"type":"oauth2","flow":"implicit","authorizationUrl":"u","scopes":{"s":"d"}},"k":{"type":"apiKey","name":"authorization","in":"header"}}}""", "components.securitySchemes",
          """{"o":{"type":"oauth2","flows":{"implicit":{"scopes":{"s":"d"},"authorizationUrl":"u"}}},"k":{"type":"apiKey","name":"authorization","in":"header"}}""" },
    };

    [Theory, MemberData(nameof(Parts))]
    public void Parts_find_their_places(string document, string place, string expected)
    {
        var node = JsonNode.Parse(OpenApiUpgrade.ToV3(Encoding.UTF8.GetBytes(document)));
        foreach (var part in place.Split('.'))
        {
            node = node![part];
        }

        Assert.Equal(expected, node!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public async Task A_server_with_version_2_alone_is_in_the_index_with_a_document_that_is_made_of_it()
    {
        var v2 = """{"swagger":"2.0","paths":{"PATH":{"get":{"produces":["application/json"],"responses":{"200":{"description":"OK","schema":{"$ref":"#/definitions/N"}}}}}},"definitions":{"N":{"type":"object"}}}""".Replace("PATH", Path, StringComparison.Ordinal);
        using var extension = new ExtensionServer();
        extension.Answer = path => path == "/openapi/v2" ? (200, "application/json", v2) : path.StartsWith("/openapi/v3", StringComparison.Ordinal) ? (404, "text/plain", "404 page not found") : ExtensionServer.Known(path);
        await using var server = await AggregationTests.RegisteredAsync(extension);
        var url = (string?)(await server.MustAsync("GET", "/openapi/v3"))["paths"]!["apis/metrics.k8s.io/v1beta1"]?["serverRelativeURL"];
        Assert.StartsWith("/openapi/v3/apis/metrics.k8s.io/v1beta1?hash=", url, StringComparison.Ordinal);
        var document = await server.MustAsync("GET", "/openapi/v3/apis/metrics.k8s.io/v1beta1");
        Assert.Equal("#/components/schemas/N", (string?)document["paths"]![Path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"]);
    }

    [Fact]
    public async Task A_server_with_no_document_at_all_has_none()
    {
        using var extension = new ExtensionServer();
        extension.Answer = path => path.StartsWith("/openapi/", StringComparison.Ordinal) ? (404, "text/plain", "404 page not found") : ExtensionServer.Known(path);
        await using var server = await AggregationTests.RegisteredAsync(extension);
        Assert.Null((await server.MustAsync("GET", "/openapi/v3"))["paths"]!["apis/metrics.k8s.io/v1beta1"]);
        Assert.Equal(404, (await server.SendAsync("GET", "/openapi/v3/apis/metrics.k8s.io/v1beta1")).Code);
    }
}
