using System.Text;
using Kobune.Api.Schema.OpenApi;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Aggregation;

/// <summary>OpenAPI v2 with the documents of aggregated servers in it.</summary>
public class AggregatedOpenApiTests
{
    private const string NodesPath = "/apis/metrics.k8s.io/v1beta1/nodes";
    private const string Nodes = "io.k8s.metrics.v1beta1.NodeMetrics";
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    private static readonly string OpenApi = $$"""
        {"swagger":"2.0","info":{"title":"metrics","version":"v1"},
         "paths":{"{{NodesPath}}":{"get":{"parameters":[{"$ref":"#/parameters/pretty"},{"in":"header","name":"h","type":"string"}],"responses":{"200":{"description":"OK","schema":{"$ref":"#/definitions/{{Nodes}}"} } } } }, "/version":{} },
         "parameters":{"pretty":{"in":"query","name":"pretty","type":"string"} },
         "definitions":{"{{Nodes}}":{"type":"object","properties":{"metadata":{"$ref":"#/definitions/{{Meta}}"},"free":{"type":"object","additionalProperties":true} } },"{{Meta}}":{"type":"object","description":"Another release's."} } }
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_aggregated_servers_tell_is_merged_and_stays_while_they_are_silent()
    {
        using var extension = new ExtensionServer();
        extension.Answer = path => path == "/openapi/v2" ? (200, "application/json", OpenApi) : ExtensionServer.Known(path);
        await using var server = await AggregationTests.RegisteredAsync(extension);
        var document = await server.MustAsync("GET", "/openapi/v2");
        Assert.NotNull(document["paths"]!["/api/v1/pods"]);
        Assert.Null(document["paths"]!["/version"]);
        Assert.Equal("pretty", (string?)document["paths"]![NodesPath]!["get"]!["parameters"]![0]!["name"]);
        Assert.Equal($"#/definitions/{Meta}_v2", (string?)document["definitions"]![Nodes]!["properties"]!["metadata"]!["$ref"]);
        Assert.Equal("Another release's.", (string?)document["definitions"]![Meta + "_v2"]!["description"]);
        Assert.NotNull(document["definitions"]![Meta]!["properties"]);
        Assert.Equal(["system:aggregator"], extension.Last("/openapi/v2").Headers.GetValues("X-Remote-User"));

        extension.Answer = _ => (0, "", "");
        Assert.NotNull((await server.MustAsync("GET", "/openapi/v2"))["paths"]![NodesPath]);
        await server.MustAsync("DELETE", "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io");
        await AggregationTests.UntilAsync("its paths go", async () => (await server.MustAsync("GET", "/openapi/v2"))["paths"]![NodesPath] is null);
    }

    [Fact]
    public async Task The_protobuf_form_has_them_too()
    {
        using var extension = new ExtensionServer();
        extension.Answer = path => path == "/openapi/v2" ? (200, "application/json", OpenApi) : ExtensionServer.Known(path);
        await using var server = await AggregationTests.RegisteredAsync(extension);
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(TestServer.Admin, "GET", "/openapi/v2") { Accept = OpenApiV2Builder.ProtobufContentType }, Ct);
        Assert.Equal(200, answer.StatusCode);
        var bytes = answer.Body.Json;
        Assert.True(bytes.Span.IndexOf(Encoding.UTF8.GetBytes(NodesPath)) > 0);
        Assert.True(bytes.Span.IndexOf(Encoding.UTF8.GetBytes(Meta + "_v2")) > 0);
    }

    [Fact]
    public async Task A_server_without_a_document_or_with_one_that_is_no_JSON_changes_nothing()
    {
        using var extension = new ExtensionServer();
        extension.Answer = path => path == "/openapi/v2" ? (200, "application/json", "{") : ExtensionServer.Known(path);
        await using var broken = await AggregationTests.RegisteredAsync(extension);
        Assert.NotNull((await broken.MustAsync("GET", "/openapi/v2"))["paths"]!["/api/v1/pods"]);
        Assert.Contains(extension.Asked, r => r.RequestUri!.AbsolutePath == "/openapi/v2");
    }
}
