using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Aggregation;

namespace Kobune.ApiServer.Tests.Aggregation;

public class OpenApiMergeTests
{
    private const string Own = """{"definitions":{"Meta":{"type":"object","properties":{"name":{"type":"string"}}},"Same":{"type":"string"}},"info":{"title":"Kubernetes"},"paths":{"/api/v1/pods":{"get":{}},"/apis/own":{"get":{"a":1}}},"swagger":"2.0"}""";

    private static string Reference(string name) => $$"""{"$ref":"#/definitions/{{name}}"}""";

    public static TheoryData<string, string, string, string> Cases => new()
    {
        { "a path below /apis/ with what it needs", """{"paths":{"/apis/x":{"get":@Thing}},"definitions":{"Thing":{"items":@Part},"Part":{"type":"integer"},"Other":{"type":"integer"}}}""", """{"/apis/x":{"get":@Thing}}""", """{"Part":{"type":"integer"},"Thing":{"items":@Part}}""" },
        { "nothing of other paths and of those that are there", """{"paths":{"/healthz":{"get":@Thing},"/apis/own":{"get":@Thing}},"definitions":{"Thing":{"type":"integer"}}}""", "{}", "{}" },
        { "a definition that says the same is shared", """{"paths":{"/apis/x":{"get":@Same}},"definitions":{"Same":{"type":"string"}}}""", """{"/apis/x":{"get":@Same}}""", "{}" },
        { "one that says something else is renamed wherever it is meant", """{"paths":{"/apis/x":{"get":@Thing}},"definitions":{"Thing":{"items":@Meta},"Meta":{"type":"object"}}}""", """{"/apis/x":{"get":@Thing}}""", """{"Meta_v2":{"type":"object"},"Thing":{"items":@Meta_v2}}""" },
        { "the new name is free in both documents", """{"paths":{"/apis/x":{"get":[@Meta,@Meta_v2]}},"definitions":{"Meta":{"type":"object"},"Meta_v2":{"type":"integer"}}}""", """{"/apis/x":{"get":[@Meta_v3,@Meta_v2]}}""", """{"Meta_v2":{"type":"integer"},"Meta_v3":{"type":"object"}}""" },
        { "shared parameters stand where they are meant", """{"paths":{"/apis/x":{"get":{"parameters":[{"$ref":"#/parameters/p"}]}}},"parameters":{"p":{"in":"body","schema":@Meta}},"definitions":{"Meta":{"type":"object"}}}""", """{"/apis/x":{"get":{"parameters":[{"in":"body","schema":@Meta_v2}]}}}""", """{"Meta_v2":{"type":"object"}}""" },
        { "a type that holds itself", """{"paths":{"/apis/x":{"get":@Tree}},"definitions":{"Tree":{"items":@Tree}}}""", """{"/apis/x":{"get":@Tree}}""", """{"Tree":{"items":@Tree}}""" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Merging(string what, string other, string paths, string definitions)
    {
        var merged = Merge(other);
        var before = JsonNode.Parse(Own)!;
        Assert.True(JsonNode.DeepEquals(Added(before["paths"]!, paths), merged["paths"]), $"{what}: {merged["paths"]}");
        Assert.True(JsonNode.DeepEquals(Added(before["definitions"]!, definitions), merged["definitions"]), $"{what}: {merged["definitions"]}");
        Assert.Equal(("Kubernetes", "2.0"), ((string?)merged["info"]!["title"], (string?)merged["swagger"]));
    }

    [Fact]
    public void A_second_document_shares_what_the_first_one_had_to_rename()
    {
        const string First = """{"paths":{"/apis/x":{"get":@Meta}},"definitions":{"Meta":{"type":"object"}}}""";
        const string Second = """{"paths":{"/apis/y":{"get":@Meta}},"definitions":{"Meta":{"type":"object"}}}""";
        var merged = Merge(First, Second);
        Assert.Equal("#/definitions/Meta_v2", (string?)merged["paths"]!["/apis/y"]!["get"]!["$ref"]);
        Assert.Equal(["Meta", "Meta_v2", "Same"], ((JsonObject)merged["definitions"]!).Select(d => d.Key));
    }

    [Fact]
    public void The_kinds_of_a_shared_definition_are_those_of_all_documents()
    {
        const string First = """{"paths":{"/apis/x":{"get":@Options}},"definitions":{"Options":{"type":"object","x-kubernetes-group-version-kind":[{"group":"x"}]}}}""";
        const string Second = """{"paths":{"/apis/y":{"get":@Options}},"definitions":{"Options":{"type":"object","x-kubernetes-group-version-kind":[{"group":"y"},{"group":"x"}]}}}""";
        var definition = Merge(First, Second)["definitions"]!["Options"]!;
        Assert.Equal("""[{"group":"x"},{"group":"y"}]""", definition["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.Equal("object", (string?)definition["type"]);
    }

    private static JsonNode Merge(params string[] others) =>
        JsonNode.Parse(OpenApiMerge.Merge(Encoding.UTF8.GetBytes(Own), [.. others.Select(o => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(Expand(o)))]))!;

    private static JsonNode Added(JsonNode before, string more)
    {
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(Expand(more))!)
        {
            before[name] = value?.DeepClone();
        }

        return before;
    }

    /// <summary>"@Thing" is a reference to Thing.</summary>
    private static string Expand(string text) => System.Text.RegularExpressions.Regex.Replace(text, "@([A-Za-z_0-9]+)", m => Reference(m.Groups[1].Value));
}
