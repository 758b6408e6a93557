using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>JSON merge patch, RFC 7386.</summary>
public static class MergePatch
{
    /// <summary>Changes <paramref name="target"/> in place: null removes, objects merge, everything else replaces. The patch is not changed.</summary>
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject inner when target[name] is JsonObject existing:
                    Apply(existing, inner);
                    break;
                case JsonObject inner:
                    var created = new JsonObject();
                    Apply(created, inner); // drops the nulls inside
                    target[name] = created;
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }

    /// <summary>The smallest merge patch that turns <paramref name="from"/> into <paramref name="to"/>; null when they are equal.</summary>
    public static JsonObject? Between(JsonObject from, JsonObject to)
    {
        JsonObject? patch = null;
        foreach (var (name, value) in to)
        {
            var known = from.TryGetPropertyValue(name, out var before);
            if (known && JsonNode.DeepEquals(before, value))
            {
                continue;
            }

            patch ??= [];
            patch[name] = before is JsonObject a && value is JsonObject b ? Between(a, b) : value?.DeepClone();
        }

        foreach (var (name, _) in from)
        {
            if (!to.ContainsKey(name))
            {
                patch ??= [];
                patch[name] = null;
            }
        }

        return patch;
    }
}
