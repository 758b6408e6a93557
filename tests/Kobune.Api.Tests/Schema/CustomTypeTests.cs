using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Custom;
using Kobune.Api.Schema.OpenApi;

namespace Kobune.Api.Tests.Schema;

public class CustomTypeTests
{
    private const string Group = "stable.example.com";

    private static readonly SchemaType Type = CustomType.Kind(Group, "v1", "CronTab", (JsonObject)JsonNode.Parse("""
        {"type":"object","properties":{"spec":{"type":"object","default":{},"properties":{
          "a":{"type":"string","default":"x"},
          "n":{"type":"string","nullable":true,"default":"y"},
          "free":{"type":"object","additionalProperties":true},
          "words":{"type":"object","additionalProperties":{"type":"string","default":"w"}},
          "items":{"type":"array","items":{"type":"object","default":{},"properties":{"p":{"type":"string","default":"i"}}}},
          "kept":{"type":"array","x-kubernetes-preserve-unknown-fields":true,"items":{"type":"object","properties":{"k":{"type":"object","properties":{"z":{"type":"string"}}}}}},
          "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"b":{"type":"object","properties":{"c":{"type":"integer"}}}}},
          "mixed":{"x-kubernetes-int-or-string":true}}}}}
        """)!);

    [Theory]
    [InlineData("{}", """{"a":"x","n":"y"}""")]
    [InlineData("""{"spec":{"a":null,"n":null}}""", """{"a":"x","n":null}""")]
    [InlineData("""{"spec":{"a":"1","gone":1,"free":{"z":{"y":1},"w":3},"mixed":"3"}}""", """{"a":"1","free":{"w":3,"z":{}},"mixed":"3","n":"y"}""")]
    [InlineData("""{"spec":{"open":{"b":{"c":1,"gone":2},"kept":3}}}""", """{"a":"x","n":"y","open":{"b":{"c":1},"kept":3}}""")]
    [InlineData("""{"spec":{"a":{"x":1},"mixed":{"y":1},"kept":[{"k":{"z":"1","y":1},"u":1}]}}""", """{"a":{},"kept":[{"k":{"z":"1"},"u":1}],"mixed":{},"n":"y"}""")]
    [InlineData("""{"spec":{"a":[{"x":1},2],"words":[{"x":1}],"items":{"x":1}}}""", """{"a":[{},2],"items":{},"n":"y","words":[{}]}""")]
    [InlineData("""{"spec":{"words":{"u":null,"v":"1"},"items":[null,{"p":null},{"q":null}],"free":{"f":null},"mixed":null}}""", """{"a":"x","free":{"f":null},"items":[{"p":"i"},{"p":"i"},{"p":"i"}],"n":"y","words":{"u":"w","v":"1"}}""")]
    public void Objects_are_pruned_and_defaulted_and_their_keys_sorted(string body, string spec)
    {
        var obj = ObjectReader.Read(Encoding.UTF8.GetBytes(body), Type);
        ObjectDefaults.Apply(obj, Type);
        Assert.Equal(spec, JsonNode.Parse(ObjectWriter.Write(obj, Type))!["spec"]!.ToJsonString());
    }

    [Fact]
    public void Unknown_and_duplicate_fields_are_told_at_their_paths()
    {
        var strict = new StrictErrors();
        ObjectReader.Read("""{"metadata":{"name":"a","x":1},"spec":{"open":{"b":{"y":1},"k":{"z":1,"z":2}}}}"""u8, Type, strict);
        Assert.Equal(["duplicate field \"spec.open.k.z\"", "unknown field \"metadata.x\"", "unknown field \"spec.open.b.y\""], strict.Items.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_custom_kind_is_published_in_all_forms_of_openapi()
    {
        var list = CustomType.List(Type, "CronTabList");
        var resource = new ResourceSchema { Group = Group, Version = "v1", Plural = "crontabs", Kind = "CronTab", Type = Type, ListKind = "CronTabList", ListType = list, Namespaced = true, Verbs = ["get", "list", "patch"] };
        var schema = ApiSchema.BuiltIn.With([(Group, "v1", Type), (Group, "v1", list)], [resource], [new GroupSchema(Group, ["v1"])]);
        var v2 = new OpenApiV2Builder(schema, "v1.36.0");
        var properties = JsonNode.Parse(v2.Json())!["definitions"]!["com.example.stable.v1.CronTab"]!["properties"]!["spec"]!["properties"]!;
        Assert.Null(properties["n"]!["type"]);
        Assert.Null(properties["a"]!["default"]);
        Assert.Contains("com.example.stable.v1.CronTab", Encoding.UTF8.GetString(v2.Protobuf()), StringComparison.Ordinal);
        var before = new OpenApiV3Builder(ApiSchema.BuiltIn, "v1.36.0");
        var hash = before.Hash("apps", "v1");
        var v3 = new OpenApiV3Builder(schema, "v1.36.0", previous: before);
        Assert.Equal(hash, v3.Hash("apps", "v1"));
        var document = JsonNode.Parse(v3.Document(Group, "v1")!)!;
        Assert.Equal("x", (string?)document["components"]!["schemas"]!["com.example.stable.v1.CronTab"]!["properties"]!["spec"]!["properties"]!["a"]!["default"]);
        var patch = document["paths"]![$"/apis/{Group}/v1/namespaces/{{namespace}}/crontabs/{{name}}"]!["patch"]!;
        Assert.DoesNotContain("application/strategic-merge-patch+json", patch["requestBody"]!["content"]!.AsObject().Select(c => c.Key));
    }
}
