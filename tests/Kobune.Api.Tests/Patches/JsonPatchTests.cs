using System.Text.Json.Nodes;
using Kobune.Api.Patches;

namespace Kobune.Api.Tests.Patches;

public class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":[1,3]}""", """[{"op":"add","path":"/a/1","value":2}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a":[1]}""", """[{"op":"add","path":"/a/-","value":2}]""", """{"a":[1,2]}""")]
    [InlineData("""{"a":{"b/c":1,"d~e":2}}""", """[{"op":"remove","path":"/a/b~1c"},{"op":"replace","path":"/a/d~0e","value":3}]""", """{"a":{"d~e":3}}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/a","value":1},{"op":"move","from":"/a","path":"/b"}]""", """{"b":1}""")]
    [InlineData("""{"a":{"x":1}}""", """[{"op":"copy","from":"/a","path":"/b"}]""", """{"a":{"x":1},"b":{"x":1}}""")]
    [InlineData("""{"a":{}}""", """[{"op":"replace","path":"/a/b","value":1},{"op":"add","path":"/c"}]""", """{"a":{"b":1},"c":null}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"remove","path":"x/a/-1"},{"op":"test","path":"/none","value":null}]""", """{"a":[1]}""")]
    public void Applies(string document, string patch, string result) =>
        Assert.Equal(result, JsonPatch.Apply(Object(document), (JsonArray)JsonNode.Parse(patch)!).ToJsonString());

    [Theory]
    [InlineData("""[{"op":"remove","path":"/x"}]""", "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value")]
    [InlineData("""[{"op":"replace","path":"/l/1","value":1}]""", "replace operation does not apply: doc is missing key: /l/1: missing value")]
    [InlineData("""[{"op":"add","path":"/l/x","value":1}]""", "error in add for path: '/l/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("""[{"op":"remove","path":"/l/7"}]""", "error in remove for path: '/l/7': Unable to access invalid index: 7: invalid index referenced")]
    [InlineData("""[{"op":"remove","path":"a"}]""", "remove operation does not apply: doc is missing path: \"a\": missing value")]
    [InlineData("""[{"op":"move","path":"/x","from":"/y"}]""", "error in move for path: 'y': Unable to remove nonexistent key: y: missing value")]
    [InlineData("""[{"op":"copy","path":"/x"}]""", "copy operation failed to decode from: operation, missing from field: missing value")]
    [InlineData("""[{"op":"test","path":3}]""", "test operation failed to decode path: json: cannot unmarshal number into Go value of type string")]
    [InlineData("""[{"op":"copy","from":"/a","path":"/x/y"}]""", "copy operation does not apply: doc is missing destination path: /x/y: missing value")]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", "testing value /a failed: test failed")]
    [InlineData("""[{"op":"add","path":"/x/y","value":2}]""", "add operation does not apply: doc is missing path: \"/x/y\": missing value")]
    [InlineData("""[{"op":"burn","path":"/x"}]""", "Unexpected kind: burn")]
    public void Refuses(string patch, string message) =>
        Assert.Equal(message, Assert.Throws<PatchException>(() => JsonPatch.Apply(Object("""{"a":1,"l":[1]}"""), (JsonArray)JsonNode.Parse(patch)!)).Message);

    [Theory]
    [InlineData("""{"a":1,"m":{"x":1,"y":2}}""", """{"m":{"x":null,"z":{"n":null,"k":1}},"b":[1]}""", """{"a":1,"m":{"y":2,"z":{"k":1}},"b":[1]}""")]
    [InlineData("""{"a":1}""", """{"a":{"b":2}}""", """{"a":{"b":2}}""")]
    [InlineData("""{"a":1,"o":{}}""", """{"a":[{"n":null},null],"o":[{"n":null}]}""", """{"a":[{},null],"o":[{"n":null}]}""")]
    public void Merge_patch_applies(string document, string patch, string result)
    {
        var target = Object(document);
        MergePatch.Apply(target, Object(patch));
        Assert.Equal(result, target.ToJsonString());
    }

    [Theory]
    [InlineData("""{"a":1,"m":{"x":1,"y":2},"gone":true}""", """{"a":1,"m":{"x":1,"y":3},"new":[1]}""")]
    [InlineData("""{}""", """{"a":{"b":1}}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":"text"}""")]
    public void The_patch_between_two_documents_leads_from_one_to_the_other(string from, string to)
    {
        var target = Object(from);
        MergePatch.Apply(target, MergePatch.Between(Object(from), Object(to))!);
        Assert.True(JsonNode.DeepEquals(Object(to), target), target.ToJsonString());
        Assert.Null(MergePatch.Between(target, Object(to)));
    }

    private static JsonObject Object(string json) => (JsonObject)JsonNode.Parse(json)!;
}
