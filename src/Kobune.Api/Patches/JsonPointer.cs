using System.Globalization;
using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>JSON pointer, RFC 6901: the parent of what a path names, and the last token.</summary>
internal readonly record struct JsonPointer(JsonNode Parent, string Token)
{
    public static string[] Split(string path)
    {
        if (path.Length == 0)
        {
            return [];
        }

        var parts = path[(path[0] == '/' ? 1 : 0)..].Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = parts[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        return parts;
    }

    /// <summary>Walks to the parent; null when a step on the way does not exist.</summary>
    public static JsonPointer? Resolve(JsonNode document, string path)
    {
        var parts = Split(path);
        if (parts.Length == 0)
        {
            return null;
        }

        var node = document;
        for (var i = 0; i < parts.Length - 1; i++)
        {
            if (Child(node, parts[i]) is not { } next)
            {
                return null;
            }

            node = next;
        }

        return node is JsonObject or JsonArray ? new(node, parts[^1]) : null;
    }

    /// <summary>Index of an existing element; negative ones count from the end, as the patch library of the API server allows.</summary>
    public static int? Index(JsonArray array, string token)
    {
        if (!int.TryParse(token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            return null;
        }

        index = index < 0 ? index + array.Count : index;
        return index >= 0 && index < array.Count ? index : null;
    }

    /// <summary>Whether the place exists, and what is there.</summary>
    public bool TryGet(out JsonNode? value)
    {
        value = null;
        switch (Parent)
        {
            case JsonObject map:
                return map.TryGetPropertyValue(Token, out value);
            case JsonArray array when Index(array, Token) is { } index:
                value = array[index];
                return true;
            default:
                return false;
        }
    }

    private static JsonNode? Child(JsonNode node, string token) => node switch
    {
        JsonObject map => map[token],
        JsonArray array when Index(array, token) is { } index => array[index],
        _ => null,
    };
}
