using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Tests.CustomResources;

/// <summary>Sets, and lists with keys, of custom objects.</summary>
public class ListUniquenessTests
{
    private const string Schema = """{"type":"object","properties":{"set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},"map":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}},"of":{"type":"object","additionalProperties":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"integer"}}}}}""";

    [Theory]
    [InlineData("""{"set":["a","b"],"map":[{"k":"a"},{"k":"b"}],"of":{"x":[1,2]}}""", "")]
    [InlineData("""{"set":["a","b","a"]}""", "set[2]: Duplicate value: \"a\"")]
    [InlineData("""{"map":[{"k":"a"},{"k":"a"}]}""", "map[1]: Duplicate value: {\"k\":\"a\"}")]
    [InlineData("""{"set":["a","a","a","a"]}""", "set[1]: Duplicate value: \"a\"")]
    [InlineData("""{"set":[{"a":1,"b":2},{"b":2,"a":1}]}""", "set[0]: Invalid value: \"object\": set[0] in body must be of type string: \"object\"\nset[1]: Invalid value: \"object\": set[1] in body must be of type string: \"object\"\nset[1]: Duplicate value: {\"b\":2,\"a\":1}")]
    [InlineData("""{"map":[{},{"k":null},{}]}""", "map[1].k: Invalid value: \"null\": map[1].k in body must be of type string: \"null\"\nmap[2]: Duplicate value: {}")]
    [InlineData("""{"map":[{"k":"a"},{"k":"a"},1]}""", "map[2]: Invalid value: \"integer\": map[2] in body must be of type object: \"integer\"\nmap[2]: Invalid value: 1: must be an object for an array of list-type map")]
    [InlineData("""{"of":{"x":[1,1]}}""", "of[x][1]: Duplicate value: 1")]
    public void Items_are_there_once(string json, string problem) => Assert.Equal(problem, Problems(json, null));

    [Theory]
    [InlineData("""{"set":["a","a"]}""", """{"set":["b","b"],"map":[{"k":"a"},{"k":"a"}]}""", "")]
    [InlineData("""{"map":[{"k":"a"},{"k":"a"}]}""", """{"set":["b","b"]}""", "")]
    [InlineData("""{"set":["a"]}""", """{"set":["a","a"]}""", "set[1]: Duplicate value: \"a\"")]
    public void An_object_that_broke_this_before_may_break_it_again(string old, string now, string problem) => Assert.Equal(problem, Problems(now, old));

    private static string Problems(string json, string? old)
    {
        var strategy = new CustomObjectStrategy("g.test", "as", (JsonObject)JsonNode.Parse(Schema)!, null);
        var errors = new FieldErrors();
        if (old is null)
        {
            strategy.Validate(Encoded(json), errors);
        }
        else
        {
            strategy.ValidateUpdate(Encoded(json), Encoded(old), "", errors);
        }

        return string.Join("\n", errors.Items.Select(e => $"{e.Field}: {e.Message}"));
    }

    private static EncodedObject Encoded(string json) => new(Encoding.UTF8.GetBytes(json));
}
