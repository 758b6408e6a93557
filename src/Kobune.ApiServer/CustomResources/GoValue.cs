using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Cel;

namespace Kobune.ApiServer.CustomResources;

/// <summary>A free JSON value as Go's fmt shows it, and the type that Go has for it.</summary>
internal static class GoValue
{
    public static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "<nil>",
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.Number => SchemaNumber.Of(value)!.Value.IsInt ? "int64" : "float64",
        _ => "bool",
    };

    /// <summary>fmt's %v: map[a:1 b:[x y]].</summary>
    public static string Show(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Show(p.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Show))}]",
        _ when SchemaNumber.Of(value) is { } number => number.Shown.ToString()!,
        _ => value.ToString() is var text && value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? text.ToLowerInvariant() : text,
    };
}
