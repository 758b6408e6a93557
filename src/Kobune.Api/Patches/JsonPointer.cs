using System.Globalization;
using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>JSON pointer, RFC 6901: the parent of what a path names, and the last token. What is before the first slash does not count.
/// Negative indices count from the end, as the patch library of the API server allows. Problems are told in its words.</summary>
internal readonly record struct JsonPointer(JsonNode Parent, string Token)
{
    /// <summary>Walks to the parent; null when a step on the way does not exist, or there is no slash.</summary>
    public static JsonPointer? Resolve(JsonNode document, string path)
    {
        var parts = path.Split('/');
        if (parts.Length < 2)
        {
            return null;
        }

        var node = document;
        foreach (var part in parts[1..^1])
        {
            if (new JsonPointer(node, Decoded(part)).Get(out var next) is not null || next is null)
            {
                return null;
            }

            node = next;
        }

        return node is JsonObject or JsonArray ? new(node, Decoded(parts[^1])) : null;
    }

    /// <summary>What is at the place; an object has null where it has nothing. Returns the problem, or null.</summary>
    public string? Get(out JsonNode? value)
    {
        value = null;
        if (Parent is not JsonArray array)
        {
            value = (Parent as JsonObject)?[Token];
            return Parent is JsonObject ? null : "missing value";
        }

        if (Index(array.Count, out var index) is { } problem)
        {
            return problem;
        }

        value = array[index];
        return null;
    }

    /// <summary>Puts a value into a place of an object, or in front of the item of a list. Returns the problem, or null.</summary>
    public string? Add(JsonNode? value)
    {
        if (Parent is not JsonArray array)
        {
            Set(value);
            return null;
        }

        if (Token == "-")
        {
            array.Add(value);
            return null;
        }

        if (Index(array.Count + 1, out var index) is { } problem)
        {
            return int.TryParse(Token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? problem : $"value was not a proper array index: '{Token}': {problem}";
        }

        array.Insert(index, value);
        return null;
    }

    /// <summary>Puts a value into a place that <see cref="Get"/> has found.</summary>
    public void Set(JsonNode? value)
    {
        if (Parent is JsonArray array)
        {
            _ = Index(array.Count, out var index);
            array[index] = value;
        }
        else
        {
            Parent[Token] = value;
        }
    }

    /// <summary>Takes out what is there. Returns the problem, or null.</summary>
    public string? Remove()
    {
        if (Parent is not JsonArray array)
        {
            return ((JsonObject)Parent).Remove(Token) ? null : $"Unable to remove nonexistent key: {Token}: missing value";
        }

        if (Index(array.Count, out var index) is { } problem)
        {
            return problem;
        }

        array.RemoveAt(index);
        return null;
    }

    private string? Index(int count, out int index)
    {
        if (!int.TryParse(Token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index))
        {
            return $"strconv.Atoi: parsing \"{Token}\": invalid syntax";
        }

        var named = index;
        index += index < 0 ? count : 0;
        return index >= 0 && index < count ? null : $"Unable to access invalid index: {named}: invalid index referenced";
    }

    private static string Decoded(string token) => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
