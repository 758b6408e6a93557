using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Codec;

/// <summary>Why a tree that a strategic merge patch made does not become an object, in the words of upstream's converter, which does not go by way of JSON text.
/// Source: k8s.io/apimachinery, runtime/converter.go.</summary>
internal static class UntypedProblem
{
    /// <summary>The first problem, in the order of the type's fields; null when it is in a value that reads itself (a quantity, a time).</summary>
    public static string? Of(JsonNode? value, SchemaType type, string goTypeName = "")
    {
        var name = goTypeName.Length > 0 ? goTypeName : type.GoName;
        return (type.Shape, value) switch
        {
            (_, null) => null,
            (SchemaShape.Object, JsonObject map) => type.Fields.Select(f => Of(map[f.Name], f.Type, f.GoTypeName)).FirstOrDefault(p => p is not null),
            (SchemaShape.Object, _) => $"cannot restore struct from: {Kind(value)}",
            (SchemaShape.Map, JsonObject map) => map.Select(p => Of(p.Value, type.Element)).FirstOrDefault(p => p is not null),
            (SchemaShape.Map, _) => $"cannot restore map from {Kind(value)}",
            (SchemaShape.List, JsonArray list) => list.Select(i => Of(i, type.Element)).FirstOrDefault(p => p is not null),
            (SchemaShape.List, _) => $"cannot restore slice from {Kind(value)}",
            (SchemaShape.Bytes, _) when Kind(value) != "string" => $"cannot restore slice from {Kind(value)}",
            (SchemaShape.String, _) when Kind(value) == "int64" => $"cannot convert int64 to {name}",
            (SchemaShape.String, _) when Kind(value) != "string" => "unrecognized type: string",
            (SchemaShape.Boolean, _) when Kind(value) != "bool" => "unrecognized type: bool",
            (SchemaShape.Int32 or SchemaShape.Int64, _) => Number(value, type.Shape == SchemaShape.Int32 ? "int32" : "int64"),
            (SchemaShape.Double, _) when Kind(value) is not ("int64" or "float64") => "unrecognized type: float64",
            _ => null,
        };
    }

    private static string? Number(JsonNode value, string type) => Kind(value) switch
    {
        "int64" => null,
        "float64" when value.GetValue<double>() is var number && number == Math.Truncate(number) => null,
        "float64" => $"cannot convert float64 to {type}",
        _ => $"unrecognized type: {type}",
    };

    private static string Kind(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "map",
        JsonValueKind.Array => "slice",
        JsonValueKind.String => "string",
        JsonValueKind.Number => long.TryParse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out _) ? "int64" : "float64",
        _ => "bool",
    };
}
