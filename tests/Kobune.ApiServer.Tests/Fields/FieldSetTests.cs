using System.Text.Json.Nodes;
using Kobune.ApiServer.Fields;

namespace Kobune.ApiServer.Tests.Fields;

public class FieldSetTests
{
    [Fact]
    public void Removing_more_than_there_is_leaves_an_empty_set()
    {
        var set = FieldSet.Decode(JsonNode.Parse("""{"f:spec":{"f:replicas":{}}}"""));
        Assert.True(set.Remove(FieldSet.Decode(JsonNode.Parse("""{"f:spec":{"f:replicas":{},"f:strategy":{}},"f:status":{}}"""))));
        Assert.True(set.IsEmpty);
    }
}
