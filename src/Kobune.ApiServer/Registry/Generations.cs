using System.Text.Json.Nodes;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Registry;

/// <summary>Counts what a kind calls a new generation of an object.</summary>
internal static class Generations
{
    /// <summary>The canonical bytes; the generation counts up when what it counts has changed.</summary>
    public static CacheEntry Encode(WriteRequest write, JsonObject obj, CacheEntry current)
    {
        var kind = write.Kind;
        var bytes = ObjectCodec.Encode(kind.Schema.Type, obj);
        if (!write.KeepsGeneration && (IsCounted(kind, bytes, obj, current) || (write.Subresource.Length == 0 && kind.Rules.CountsAnnotations && !IsSame(obj.Meta()["annotations"], current.ToTree().Meta()["annotations"]))))
        {
            obj.Meta()["generation"] = (obj.Meta().NumberAt("generation") ?? 0) + 1;
            bytes = ObjectCodec.Encode(kind.Schema.Type, obj);
        }

        return CacheEntry.FromStored(current.Key, bytes, 0);
    }

    private static bool IsSame(JsonNode? one, JsonNode? other) => JsonNode.DeepEquals(one is JsonObject { Count: 0 } ? null : one, other is JsonObject { Count: 0 } ? null : other);

    private static bool IsCounted(StoredKind kind, byte[] bytes, JsonObject obj, CacheEntry current)
    {
        if (kind.Rules.CountsEverything)
        {
            var live = current.ToTree();
            return obj.Select(p => p.Key).Union(live.Select(p => p.Key))
                .Any(name => name is not ("metadata" or "apiVersion") && !(name == "status" && kind.HasStatus) && !JsonNode.DeepEquals(obj[name], live[name]));
        }

        foreach (var field in kind.Rules.Generation ?? [])
        {
            if (!JsonFields.Raw(bytes, field).SequenceEqual(JsonFields.Raw(current.Json.Span, field)))
            {
                return true;
            }
        }

        return false;
    }
}
