using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>JSON values as Go sees them once they are decoded without a type: how it prints them, names their types and compares them.</summary>
internal static class GoValue
{
    /// <summary>What the verb %v prints.</summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Text(p.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Text))}]",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => Number(value),
        },
    };

    /// <summary>What the verb %s prints: scalars that are no strings are marked as misplaced.</summary>
    public static string StringText(JsonNode? value) => value switch
    {
        null => "%!s(<nil>)",
        JsonValue when value.GetValueKind() != JsonValueKind.String => $"%!s({TypeName(value)}={Text(value)})",
        _ => Text(value),
    };

    /// <summary>Name of the type, as %s prints it.</summary>
    public static string TypeName(JsonNode? value) => value switch
    {
        null => "%!s(<nil>)",
        JsonObject => "map[string]interface {}",
        JsonArray => "[]interface {}",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "bool",
            _ => long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out _) ? "int64" : "float64",
        },
    };

    /// <summary>Whether both are of the same type.</summary>
    public static bool SameType(JsonNode? a, JsonNode? b) => TypeName(a) == TypeName(b);

    /// <summary>Whether two scalars are equal; Go does not compare maps and lists this way.</summary>
    /// <exception cref="PatchException">Both are maps, or both are lists.</exception>
    public static bool Same(JsonNode? a, JsonNode? b)
    {
        if (!SameType(a, b))
        {
            return false;
        }

        return a is JsonObject or JsonArray
            ? throw PatchException.Unforeseen("This request caused apiserver to panic. Look in the logs for details.")
            : JsonNode.DeepEquals(a, b);
    }

    private static string Number(JsonNode value)
    {
        var text = value.ToJsonString();
        return long.TryParse(text, CultureInfo.InvariantCulture, out var integer)
            ? integer.ToString(CultureInfo.InvariantCulture)
            : value.GetValue<double>().ToString("R", CultureInfo.InvariantCulture);
    }
}
