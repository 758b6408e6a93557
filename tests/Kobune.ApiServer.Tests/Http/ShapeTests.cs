using System.Net;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.ApiServer.Tests.CustomResources;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Http;

/// <summary>Shapes that clients ask for of what is no stored object: scales as tables, discovery in every encoding.</summary>
public class ShapeTests
{
    private const string Table = "application/json;as=Table;g=meta.k8s.io;v=v1";
    private const string Aggregated = "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    [Fact]
    public async Task A_scale_is_shown_as_a_row_of_its_replicas()
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        await https.Server.MustAsync("POST", "/apis/apps/v1/namespaces/default/deployments", """{"metadata":{"name":"web"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        var table = await JsonAsync(https, "/apis/apps/v1/namespaces/default/deployments/web/scale", Table);
        Assert.Equal(["Name", "Desired", "Available", "Age"], ((JsonArray)table["columnDefinitions"]!).Select(c => (string)c!["name"]!));
        var row = table["rows"]![0]!;
        Assert.Equal("""["web",3,0]""", new JsonArray([.. ((JsonArray)row["cells"]!).Take(3).Select(c => c!.DeepClone())]).ToJsonString());
        Assert.Matches("^[0-9]+s$", (string)row["cells"]![3]!);
        Assert.Equal(("PartialObjectMetadata", "web"), ((string)row["object"]!["kind"]!, (string)row["object"]!["metadata"]!["name"]!));
        Assert.Equal((string)row["object"]!["metadata"]!["resourceVersion"]!, (string)table["metadata"]!["resourceVersion"]!);
        var partial = await JsonAsync(https, "/apis/apps/v1/namespaces/default/deployments/web/scale", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
        Assert.Equal(("PartialObjectMetadata", null), ((string)partial["kind"]!, partial["spec"]));
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"a"},"data":{"b":"c"}}""", "Data", "1")]
    [InlineData("/api/v1/namespaces/default/secrets", """{"metadata":{"name":"a"},"data":{"b":"Yw=="}}""", "Data", "1")]
    [InlineData("/apis/apps/v1/namespaces/default/deployments", """{"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""", "Up-to-date", "0")]
    [InlineData("/apis/apps/v1/namespaces/default/controllerrevisions", """{"metadata":{"name":"a"},"revision":3,"data":{}}""", "Revision", "3")]
    [InlineData("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """{"metadata":{"name":"a"},"spec":{"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}""", "MaxPods", "5")]
    [InlineData("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """{"metadata":{"name":"a"},"spec":{"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}""", "MinPods", "\"1\"")]
    public async Task Numbers_are_numbers_in_columns_of_text_too(string path, string body, string column, string cell)
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        await https.Server.MustAsync("POST", path, body);
        var table = await JsonAsync(https, path + "/a", Table);
        var columns = ((JsonArray)table["columnDefinitions"]!).ToList();
        var index = columns.FindIndex(c => (string)c!["name"]! == column);
        Assert.Equal(("string", cell), ((string)columns[index]!["type"]!, table["rows"]![0]!["cells"]![index]!.ToJsonString()));
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("""{"x":"y"}""", "y")]
    public async Task The_number_of_a_template_is_an_annotation_of_the_whole_daemon_set_alone(string annotations, string left)
    {
        const string Number = "deprecated.daemonset.template.generation";
        const string Path = "/apis/apps/v1/namespaces/default/daemonsets";
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        var told = annotations.Length > 0 ? $",\"annotations\":{annotations}" : "";
        await https.Server.MustAsync("POST", Path, "{\"metadata\":{\"name\":\"d\"" + told + """},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        var whole = await JsonAsync(https, Path + "/d", "application/json");
        Assert.Equal("1", (string?)whole["metadata"]!["annotations"]![Number]);
        var row = (await JsonAsync(https, Path + "?includeObject=Object", Table))["rows"]![0]!["object"]!;
        Assert.Equal("1", (string?)row["metadata"]!["annotations"]![Number]);
        foreach (var metadata in (JsonNode[])[await JsonAsync(https, Path + "/d", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"), (await JsonAsync(https, Path, Table))["rows"]![0]!["object"]!])
        {
            Assert.Null(metadata["metadata"]!["annotations"]?[Number]);
            Assert.Equal(left == "x" ? null : left, (string?)metadata["metadata"]!["annotations"]?["x"]);
            Assert.Equal(left == "x", metadata["metadata"]!["annotations"] is null);
        }
    }

    [Fact]
    public async Task A_scale_of_a_custom_object_has_columns_that_say_what_they_are()
    {
        await using var https = await HttpsServer.StartAsync();
        await https.Server.EstablishAsync((JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"boats.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"boats","kind":"Boat"},"versions":[{"name":"v1","served":true,"storage":true,
            "subresources":{"status":{},"scale":{"specReplicasPath":".spec.oars","statusReplicasPath":".status.oars"}},"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
            """)!);
        await https.Server.MustAsync("POST", "/apis/example.com/v1/namespaces/default/boats", """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"oars":4}}""");
        var table = await JsonAsync(https, "/apis/example.com/v1/namespaces/default/boats/a/scale", Table);
        Assert.Equal(["Name:name", "Desired:", "Available:", "Age:"], ((JsonArray)table["columnDefinitions"]!).Select(c => $"{c!["name"]}:{c["format"]}"));
        Assert.Equal("Number of actual replicas", (string)table["columnDefinitions"]![2]!["description"]!);
        Assert.Equal(("a", 4, 0), ((string)table["rows"]![0]!["cells"]![0]!, (int)table["rows"]![0]!["cells"]![1]!, (int)table["rows"]![0]!["cells"]![2]!));
    }

    [Theory]
    [InlineData("GET", "/nope", "*/*", 404, true)]
    [InlineData("GET", "/apis/x.example/v1", "*/*", 404, true)]
    [InlineData("GET", "/apis/x.example/v1/things/one", "*/*", 404, true)]
    [InlineData("GET", "/apis/apps/v9", "*/*", 404, false)]
    [InlineData("GET", "/apis/apps/v1/nope", "*/*", 404, false)]
    [InlineData("GET", "/api/v9", "*/*", 404, false)]
    [InlineData("GET", "/api/v1/nodes/x", "application/*", 406, false)]
    [InlineData("GET", "/api/v1", "application/*", 406, false)]
    [InlineData("GET", "/api/v1/nodes", "text/html, application/*", 406, false)]
    [InlineData("GET", "/api/v1/nodes", "application/*, application/json", 200, false)]
    [InlineData("HEAD", "/api/v1/nodes", "*/*", 405, false)]
    [InlineData("HEAD", "/healthz", "*/*", 200, true)]
    public async Task The_router_answers_before_the_api_does(string method, string path, string accept, int code, bool isPlain)
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        using var client = https.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Accept", accept);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((code, isPlain ? "text/plain" : "application/json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        if (code == 404 && isPlain)
        {
            Assert.Equal("404 page not found\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("/openid/v1/jwks", false)]
    [InlineData("/.well-known/openid-configuration", false)]
    [InlineData("/api", true)]
    public async Task Documents_that_are_no_objects_are_never_indented(string path, bool isIndented)
    {
        var document = "{\"a\":[]}"u8.ToArray();
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false, o => o with { WellKnown = new Dictionary<string, Func<ReadOnlyMemory<byte>>> { ["/openid/v1/jwks"] = () => document, ["/.well-known/openid-configuration"] = () => document } });
        using var client = https.Client();
        var text = await client.GetStringAsync(path + "?pretty=true", TestContext.Current.CancellationToken);
        Assert.Equal(isIndented, text.Contains('\n', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/apis")]
    public async Task Aggregated_discovery_comes_in_every_encoding_with_one_tag(string path)
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        using var json = await AskAsync(https, path, $"application/json;{Aggregated}");
        using var proto = await AskAsync(https, path, $"application/vnd.kubernetes.protobuf;{Aggregated},application/json;{Aggregated}");
        using var yaml = await AskAsync(https, path, $"application/yaml;{Aggregated}");
        Assert.Equal($"application/vnd.kubernetes.protobuf;{Aggregated}", TypeOf(proto));
        var body = await proto.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var decoded = ProtobufEnvelope.Decode(body, ApiSchema.BuiltIn);
        var sent = JsonNode.Parse(await json.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(Told(sent), Told(decoded));
        Assert.Contains("kind: APIGroupDiscoveryList", await yaml.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal([json.Headers.ETag, json.Headers.ETag], [proto.Headers.ETag, yaml.Headers.ETag]);
    }

    [Theory]
    [InlineData($"application/json;q=0.5,application/vnd.kubernetes.protobuf;{Aggregated}", true)]
    [InlineData($"application/json,application/vnd.kubernetes.protobuf;{Aggregated}", false)]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", false)]
    [InlineData($"*/*;{Aggregated}", true)]
    public async Task Whether_discovery_is_aggregated_is_said_by_what_is_liked_best(string accept, bool isAggregated)
    {
        await using var https = await HttpsServer.StartAsync(keepsSystemObjects: false);
        using var answer = await AskAsync(https, "/apis", accept);
        Assert.Equal(isAggregated, TypeOf(answer).EndsWith(Aggregated, StringComparison.Ordinal));
    }

    /// <summary>What a document tells, in lines: protobuf has no difference between what is empty and what is not there.</summary>
    private static IEnumerable<string> Told(JsonNode document) =>
        from item in (JsonArray)document["items"]!
        from version in (JsonArray)item!["versions"]!
        from resource in (JsonArray)version!["resources"]!
        select $"{(string?)item["metadata"]!["name"] ?? ""}/{version["version"]} {version["freshness"]} {resource!["resource"]} {resource["responseKind"]!["kind"]} {resource["scope"]} {resource["singularResource"]} {resource["verbs"]!.ToJsonString()} "
            + string.Join(' ', ((JsonArray?)resource["subresources"] ?? []).Select(s => $"{s!["subresource"]}:{s["responseKind"]?["kind"]}"));

    /// <summary>The client writes a space after each semicolon, which the server did not send.</summary>
    private static string TypeOf(HttpResponseMessage answer) => answer.Content.Headers.GetValues("Content-Type").Single().Replace("; ", ";", StringComparison.Ordinal);

    private static async Task<JsonNode> JsonAsync(HttpsServer https, string path, string accept)
    {
        using var answer = await AskAsync(https, path, accept);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpsServer https, string path, string accept)
    {
        using var client = https.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);
        var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }
}
