using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;

namespace Kobune.ApiServer.Kinds;

/// <summary>Reading and defaulting of JSON trees. Reading never throws: what has another type than asked for counts as not there (the schema has checked types before).</summary>
internal static class JsonTree
{
    public static JsonObject? Child(this JsonObject? node, string key) => node?[key] as JsonObject;

    public static JsonObject? Child(this JsonObject? node, string key, string second) => node.Child(key).Child(second);

    /// <summary>The object under this key, made when it is missing.</summary>
    public static JsonObject Need(this JsonObject node, string key)
    {
        if (node[key] is JsonObject child)
        {
            return child;
        }

        child = [];
        node[key] = child;
        return child;
    }

    public static JsonArray NeedArray(this JsonObject node, string key)
    {
        if (node[key] is JsonArray child)
        {
            return child;
        }

        child = [];
        node[key] = child;
        return child;
    }

    public static JsonArray? Array(this JsonObject? node, string key) => node?[key] as JsonArray;

    /// <summary>The objects of a list; empty when there is none.</summary>
    public static IEnumerable<JsonObject> Items(this JsonObject? node, string key) => node.Array(key)?.OfType<JsonObject>() ?? [];

    /// <summary>The strings of a list; empty when there is none.</summary>
    public static IReadOnlyList<string> Texts(this JsonObject? node, string key) => node.Array(key) is { } items ? [.. items.Select(AsText)] : [];

    public static string Text(this JsonObject? node, string key) => AsText(node?[key]);

    public static bool? Flag(this JsonObject? node, string key) => node?[key] is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    public static long? Number(this JsonObject? node, string key)
    {
        if (node?[key] is not JsonValue value)
        {
            return null;
        }

        return value.TryGetValue(out long number) ? number
            : value.TryGetValue(out int small) ? small
            : value.TryGetValue(out double real) && Math.Truncate(real) == real ? (long)real
            : null;
    }

    public static bool Has(this JsonObject? node, string key) => node?[key] is not null;

    public static void Default(this JsonObject node, string key, string value)
    {
        if (node[key] is null)
        {
            node[key] = value;
        }
    }

    /// <summary>For fields whose empty string counts as unset.</summary>
    public static void DefaultEmpty(this JsonObject node, string key, string value)
    {
        if (node.Text(key).Length == 0)
        {
            node[key] = value;
        }
    }

    public static void Default(this JsonObject node, string key, long value)
    {
        if (node[key] is null)
        {
            node[key] = value;
        }
    }

    public static void Default(this JsonObject node, string key, bool value)
    {
        if (node[key] is null)
        {
            node[key] = value;
        }
    }

    /// <summary>Replaces the value by a copy of another tree's; removes it when the other has none.</summary>
    public static void CopyFrom(this JsonObject node, string key, JsonObject? other)
    {
        if (other?[key] is { } value)
        {
            node[key] = value.DeepClone();
        }
        else
        {
            node.Remove(key);
        }
    }

    public static JsonArray ToJsonArray(this IEnumerable<string> texts)
    {
        var array = new JsonArray();
        foreach (var text in texts)
        {
            array.Add((JsonNode)JsonValue.Create(text));
        }

        return array;
    }

    public static bool SameAs(this JsonNode? one, JsonNode? other) => JsonNode.DeepEquals(one, other);

    /// <summary>A tree of a stored object; the tree is the caller's.</summary>
    public static JsonObject ToTree(this EncodedObject encoded) => (JsonObject)JsonNode.Parse(encoded.Json.Span)!;

    /// <summary>The record of a tree.</summary>
    public static T Read<T>(this JsonNode node)
        where T : class, IJsonRecord<T>
    {
        var reader = new Utf8JsonReader(ToBytes(node).Span);
        reader.Read();
        return T.ReadJson(ref reader);
    }

    /// <summary>The tree of a record.</summary>
    public static JsonObject ToTree<T>(this T record)
        where T : class, IJsonRecord<T>
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            record.WriteJson(writer);
        }

        return (JsonObject)JsonNode.Parse(buffer.WrittenSpan)!;
    }

    public static bool TryRead<T>(this JsonNode node, [NotNullWhen(true)] out T? record)
        where T : class, IJsonRecord<T>
    {
        try
        {
            record = node.Read<T>();
            return true;
        }
        catch (JsonException)
        {
            record = null;
            return false;
        }
    }

    private static string AsText(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private static ReadOnlyMemory<byte> ToBytes(JsonNode node)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenMemory;
    }
}
