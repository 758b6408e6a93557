using System.Text.Json.Nodes;
using Kobune.Api.Patches;

namespace Kobune.Api.Tests.Patches;

public class StrategicMergePatchTests
{
    private sealed record Case(string Name, string Original, string Patch, string Result);

    /// <summary>containers: merge by name, with env: merge by name; finalizers: a set; volumes items may use $retainKeys; args: replaced.</summary>
    private sealed class Shape : IPatchShape
    {
        public PatchField? Field(string name) => name switch
        {
            "containers" or "env" or "volumes" => new(true, false, "name", this),
            "finalizers" => new(true, false, "", null),
            "selector" => new(false, true, "", this),
            _ => null,
        };
    }

    private static readonly Case[] Cases =
    [
        new("null removes", """{"a":1,"b":2}""", """{"a":null}""", """{"b":2}"""),
        new("maps merge", """{"m":{"a":1}}""", """{"m":{"b":2}}""", """{"m":{"a":1,"b":2}}"""),
        new("unknown lists are replaced", """{"args":["a"]}""", """{"args":["b"]}""", """{"args":["b"]}"""),
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
        new("directives do not stay in new values", """{}""", """{"containers":[{"name":"a","x":null,"env":[{"name":"e","$patch":"delete"}]}],"m":{"$patch":"merge","k":1}}""", """{"containers":[{"name":"a","env":[]}],"m":{"k":1}}"""),
        new("nested lists merge too", """{"containers":[{"name":"a","env":[{"name":"x","value":"1"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"y","value":"2"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"y","value":"2"},{"name":"x","value":"1"}]}]}"""),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Apply(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var original = (JsonObject)JsonNode.Parse(c.Original)!;
        var patch = (JsonObject)JsonNode.Parse(c.Patch)!;
        StrategicMergePatch.Apply(original, patch, new Shape());
        Assert.Equal(c.Result, original.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(c.Patch), patch), "the patch was changed");
    }

    [Theory]
    [InlineData("""{"$patch":"burn"}""", "unknown patch type found: burn")]
    [InlineData("""{"containers":[{"image":"x"}]}""", "does not contain declared merge key: name")]
    public void Refuses(string patch, string message)
    {
        var original = (JsonObject)JsonNode.Parse("""{"containers":[{"name":"a"}]}""")!;
        var error = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(original, (JsonObject)JsonNode.Parse(patch)!, new Shape()));
        Assert.Contains(message, error.Message);
    }
}
