using System.Text.Json.Nodes;

namespace Kobune.Api.Schema;

/// <summary>Go's zero values as JSON.</summary>
internal static class Zero
{
    public static JsonNode? Of(SchemaType type) => type.Shape switch
    {
        SchemaShape.String => JsonValue.Create(""),
        SchemaShape.Boolean => JsonValue.Create(false),
        SchemaShape.Int32 or SchemaShape.IntOrString => JsonValue.Create(0),
        SchemaShape.Int64 or SchemaShape.Double => JsonValue.Create(0L),
        SchemaShape.Quantity => JsonValue.Create("0"),
        SchemaShape.Duration => JsonValue.Create("0s"),
        SchemaShape.Object => new JsonObject(),
        _ => null,
    };
}
