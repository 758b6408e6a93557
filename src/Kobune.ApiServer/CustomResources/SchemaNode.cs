using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kobune.Cel;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Reading a JSON schema. Patterns are compiled once per text.</summary>
internal static class SchemaNode
{
    private static readonly ConcurrentDictionary<string, Regex?> Patterns = new(StringComparer.Ordinal);

    public static bool Flag(this JsonObject schema, string name) => schema[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public static double? Number(this JsonObject schema, string name) => schema[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? Number(value) : null;

    public static double Number(JsonValue value) => double.Parse(value.ToString(), CultureInfo.InvariantCulture);

    public static IEnumerable<JsonObject> Schemas(this JsonObject schema, string name) => (schema[name] as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>The compiled pattern, or null for one that cannot be compiled.</summary>
    public static Regex? Pattern(string pattern) => Patterns.GetOrAdd(pattern, Re2Pattern.Compile);

    /// <summary>The JSON type of a value in the schema's words.</summary>
    public static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => IsWhole((JsonValue)value) ? "integer" : "number",
        _ => "null",
    };

    private static bool IsWhole(JsonValue value)
    {
        var number = Number(value);
        return number == Math.Floor(number) && !double.IsInfinity(number);
    }
}
