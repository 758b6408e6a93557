using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Registry;

/// <summary>Reading and writing an object's metadata in its JSON tree. What has another type than asked for counts as absent: the schema has checked types before.</summary>
internal static class ObjectTree
{
    /// <summary>metadata, made when missing.</summary>
    public static JsonObject Meta(this JsonObject obj)
    {
        if (obj["metadata"] is JsonObject metadata)
        {
            return metadata;
        }

        metadata = [];
        obj["metadata"] = metadata;
        return metadata;
    }

    public static string TextAt(this JsonObject? node, string name) => node?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public static long? NumberAt(this JsonObject? node, string name) =>
        node?[name] is JsonValue value ? value.TryGetValue<long>(out var number) ? number : value.TryGetValue<int>(out var small) ? small : null : null;

    public static IEnumerable<string> TextsAt(this JsonObject? node, string name) =>
        node?[name] is JsonArray list ? list.OfType<JsonValue>().Select(v => v.TryGetValue<string>(out var text) ? text : "") : [];

    /// <summary>Copies a field from another tree; removes it when the other has none.</summary>
    public static void TakeFrom(this JsonObject node, string name, JsonObject? other)
    {
        if (other is not null && other.TryGetPropertyValue(name, out var value))
        {
            node[name] = value?.DeepClone();
        }
        else
        {
            node.Remove(name);
        }
    }

    /// <summary>The tree of an entry, resourceVersion included. The tree is the caller's.</summary>
    public static JsonObject ToTree(this CacheEntry entry) => (JsonObject)JsonNode.Parse(entry.Json.Span)!;

    /// <summary>RFC 3339 in whole seconds, as metav1.Time is written.</summary>
    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
