using System.Text.Json.Nodes;
using Kobune.Api.Patches;

namespace Kobune.Api.Tests.Patches;

public class StrategicMergePatchTests
{
    private sealed record Case(string Name, string Original, string Patch, string Result);

    /// <summary>containers: merge by name, with env: merge by name; finalizers: a set; volumes items may use $retainKeys; args: replaced.</summary>
    private sealed class Shape : IPatchShape
    {
        public string? StructName => "Thing";

        public PatchField? Field(string name) => name switch
        {
            "containers" or "env" or "volumes" => new(true, false, "name", this),
            "finalizers" => new(true, false, "", null),
            "selector" => new(false, true, "", this),
            "m" or "args" => new(false, false, "", this),
            _ => null,
        };
    }

    private static readonly Case[] Cases =
    [
        new("null removes", """{"a":1,"b":2}""", """{"a":null}""", """{"b":2}"""),
        new("maps merge", """{"m":{"a":1}}""", """{"m":{"b":2}}""", """{"m":{"a":1,"b":2}}"""),
        new("other lists are replaced", """{"args":["a"]}""", """{"args":["b"]}""", """{"args":["b"]}"""),
        new("replace strategy replaces a map", """{"selector":{"a":"1"}}""", """{"selector":{"b":"2"}}""", """{"selector":{"b":"2"}}"""),
        new("lists merge by key, patch items first", """{"containers":[{"name":"a","image":"1"},{"name":"b"}]}""", """{"containers":[{"name":"b","image":"2"},{"name":"c"}]}""", """{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c"}]}"""),
        new("an item is deleted by directive", """{"containers":[{"name":"a"},{"name":"b"}]}""", """{"containers":[{"$patch":"delete","name":"a"}]}""", """{"containers":[{"name":"b"}]}"""),
        new("a list is replaced by directive", """{"containers":[{"name":"a"}]}""", """{"containers":[{"name":"c"},{"$patch":"replace"}]}""", """{"containers":[{"name":"c"}]}"""),
        new("a map is replaced by directive", """{"m":{"a":1}}""", """{"m":{"$patch":"replace","b":2}}""", """{"m":{"b":2}}"""),
        new("a map is emptied by directive", """{"m":{"a":1}}""", """{"m":{"$patch":"delete"}}""", """{"m":{}}"""),
        new("scalars merge as a set", """{"finalizers":["a","b"]}""", """{"finalizers":["b","c"]}""", """{"finalizers":["a","b","c"]}"""),
        new("scalars are deleted", """{"finalizers":["a","b"]}""", """{"$deleteFromPrimitiveList/finalizers":["a"]}""", """{"finalizers":["b"]}"""),
        new("element order is set", """{"containers":[{"name":"a"},{"name":"b"}]}""", """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","image":"2"}]}""", """{"containers":[{"name":"b","image":"2"},{"name":"a"}]}"""),
        new("element order alone", """{"containers":[{"name":"a"},{"name":"b"}]}""", """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}""", """{"containers":[{"name":"b"},{"name":"a"}]}"""),
        new("retainKeys drops the rest", """{"volumes":[{"name":"v","emptyDir":{}}]}""", """{"volumes":[{"$retainKeys":["name","hostPath"],"name":"v","hostPath":{"path":"/x"}}]}""", """{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}"""),
        new("directives and nulls do not stay in new values", """{}""", """{"containers":[{"name":"a","x":null,"env":[{"name":"e","$patch":"delete"}]}],"m":{"k":1,"n":null}}""", """{"containers":[{"name":"a","env":[]}],"m":{"k":1}}"""),
        new("a new value that is a directive is none", """{"a":1}""", """{"m":{"$patch":"replace","k":1}}""", """{"a":1}"""),
        new("a replaced list is taken as it is", """{"args":[{"a":1}]}""", """{"args":[{"a":null}]}""", """{"args":[{"a":null}]}"""),
        new("null in place of values to delete removes the list", """{"finalizers":["a"],"b":1}""", """{"$deleteFromPrimitiveList/finalizers":null}""", """{"b":1}"""),
        new("an item that is deleted and added again comes last", """{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}""", """{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a","$patch":"delete"},{"name":"a","image":"2"}]}""", """{"containers":[{"name":"b"},{"name":"c"},{"name":"a","image":"2"}]}"""),
        new("nested lists merge too", """{"containers":[{"name":"a","env":[{"name":"x","value":"1"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"y","value":"2"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"y","value":"2"},{"name":"x","value":"1"}]}]}"""),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Apply(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var original = (JsonObject)JsonNode.Parse(c.Original)!;
        var patch = (JsonObject)JsonNode.Parse(c.Patch)!;
        Assert.Equal(c.Result, StrategicMergePatch.Apply(original, patch, new Shape()).ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(c.Patch), patch), "the patch was changed");
    }

    [Theory]
    [InlineData("""{"$patch":"burn","a":[1,null]}""", PatchFault.Unforeseen, "unknown patch type: burn in map: map[$patch:burn a:[1 <nil>]]")]
    [InlineData("""{"$patch":"merge"}""", PatchFault.Unforeseen, "unknown patch type: merge in map: map[$patch:merge]")]
    [InlineData("""{"m":{"$patch":3}}""", PatchFault.Unforeseen, "unknown patch type: %!s(int64=3) in map: map[$patch:3]")]
    [InlineData("""{"containers":[{"image":"x"}]}""", PatchFault.Unforeseen, "map: map[image:x] does not contain declared merge key: name")]
    [InlineData("""{"containers":[{"$patch":"merge","name":"a"}]}""", PatchFault.Unforeseen, "merging lists cannot yet be specified in the patch")]
    [InlineData("""{"containers":["a"]}""", PatchFault.Unforeseen, "list element types are not identical: [[map[name:a]] [a]]")]
    [InlineData("""{"$setElementOrder/containers":"a"}""", PatchFault.Unforeseen, "expected a []interface {}, but received a string")]
    [InlineData("""{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a"},{"name":"b"}]}""", PatchFault.Unforeseen, "The order in patch list:\n[map[name:a] map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:b] map[name:a]]\n")]
    [InlineData("""{"$setElementOrder":[]}""", PatchFault.Malformed, "invalid patch format of setElementOrder list")]
    [InlineData("""{"$deleteFromPrimitiveList":[]}""", PatchFault.Malformed, "invalid patch format of primitive list")]
    [InlineData("""{"$retainKeys":"a"}""", PatchFault.Malformed, "invalid patch format of retainKeys")]
    [InlineData("""{"$retainKeys":["b"],"a":1}""", PatchFault.Malformed, "invalid patch format of retainKeys")]
    [InlineData("""{"unknown":{"a":1}}""", PatchFault.Unforeseen, "unable to find api field in struct Thing for the json field \"unknown\"")]
    [InlineData("""{"finalizers":[["a"]]}""", PatchFault.Unfit, "lists of lists are not supported")]
    public void Refuses(string patch, PatchFault fault, string message)
    {
        var original = (JsonObject)JsonNode.Parse("""{"containers":[{"name":"a"}],"m":{"a":1},"unknown":{},"finalizers":[]}""")!;
        var error = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(original, (JsonObject)JsonNode.Parse(patch)!, new Shape()));
        Assert.Equal((fault, message), (error.Fault, error.Message));
    }
}
