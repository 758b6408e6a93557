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
                default:
                    var copy = value.DeepClone();
                    if (target[name] is not JsonObject)
                    {
                        Prune(copy);
                    }

                    target[name] = copy;
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

    /// <summary>Drops the nulls of all objects in what takes the place of no object, those in lists too, as the library does that upstream uses.</summary>
    internal static void Prune(JsonNode value)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, inner) in map.ToList())
                {
                    if (inner is null)
                    {
                        map.Remove(name);
                    }
                    else
                    {
                        Prune(inner);
                    }
                }

                break;
            case JsonArray list:
                foreach (var item in list.OfType<JsonNode>())
                {
                    Prune(item);
                }

                break;
        }
    }
}
