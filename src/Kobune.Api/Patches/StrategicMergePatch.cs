using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>
/// Strategic merge patch: a merge patch that merges lists by key and understands the directives $patch, $retainKeys, $setElementOrder and
/// $deleteFromPrimitiveList. Behaviour of k8s.io/apimachinery, util/strategicpatch.
/// </summary>
public static class StrategicMergePatch
{
    internal const string DirectiveKey = "$patch";
    internal const string RetainKeysKey = "$retainKeys";
    internal const string DeleteFromListPrefix = "$deleteFromPrimitiveList/";
    internal const string ElementOrderPrefix = "$setElementOrder/";

    /// <summary>Changes <paramref name="original"/> in place. The patch is not changed.</summary>
    /// <exception cref="PatchException">A directive is malformed or an item lacks its merge key.</exception>
    public static void Apply(JsonObject original, JsonObject patch, IPatchShape? shape)
    {
        switch (Directive(patch))
        {
            case null or "merge":
                break;
            case "replace":
                Refill(original, patch);
                return;
            case "delete":
                original.Clear();
                return;
            case var other:
                throw new PatchException($"unknown patch type found: {other}");
        }

        RetainKeys(original, patch);
        foreach (var (name, value) in patch)
        {
            if (name is DirectiveKey or RetainKeysKey || name.StartsWith(ElementOrderPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            if (name.StartsWith(DeleteFromListPrefix, StringComparison.Ordinal))
            {
                StrategicList.DeleteFrom(original, name[DeleteFromListPrefix.Length..], value);
                continue;
            }

            MergeField(original, patch, name, value, shape?.Field(name));
        }

        ReorderOnly(original, patch, shape);
    }

    internal static string? Directive(JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(DirectiveKey, out var node))
        {
            return null;
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new PatchException("invalid value for $patch: must be a string");
    }

    /// <summary>A copy of a patch value without directives and nulls: what a field that did not exist before becomes.</summary>
    internal static JsonNode? Plain(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                var copy = new JsonObject();
                foreach (var (name, inner) in map)
                {
                    if (!name.StartsWith('$') && inner is not null)
                    {
                        copy[name] = Plain(inner);
                    }
                }

                return copy;
            case JsonArray list:
                var items = new JsonArray();
                foreach (var item in list)
                {
                    if (item is not JsonObject entry || Directive(entry) is null)
                    {
                        items.Add(Plain(item));
                    }
                    else if (entry.Count > 1 && Directive(entry) == "merge")
                    {
                        items.Add(Plain(entry));
                    }
                }

                return items;
            default:
                return value?.DeepClone();
        }
    }

    private static void MergeField(JsonObject original, JsonObject patch, string name, JsonNode? value, PatchField? field)
    {
        if (value is null)
        {
            original.Remove(name);
            return;
        }

        switch (original[name], value)
        {
            case (JsonObject before, JsonObject after) when field is not { Replace: true }:
                Apply(before, after, field?.Shape);
                break;
            case (JsonArray before, JsonArray after) when field is { Merge: true }:
                original[name] = StrategicList.Merge(before, after, patch[ElementOrderPrefix + name] as JsonArray, field);
                break;
            default:
                original[name] = Plain(value);
                break;
        }
    }

    /// <summary>$setElementOrder without items in the patch: only the order changes.</summary>
    private static void ReorderOnly(JsonObject original, JsonObject patch, IPatchShape? shape)
    {
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith(ElementOrderPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var field = name[ElementOrderPrefix.Length..];
            if (!patch.ContainsKey(field) && value is JsonArray order && original[field] is JsonArray list && shape?.Field(field) is { Merge: true } info)
            {
                original[field] = StrategicList.Merge(list, [], order, info);
            }
        }
    }

    private static void RetainKeys(JsonObject original, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeysKey, out var node))
        {
            return;
        }

        if (node is not JsonArray keys)
        {
            throw new PatchException("invalid format of $retainKeys: must be a list");
        }

        var kept = keys.Select(k => k?.ToString() ?? "").ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$') && value is not null && !kept.Contains(name))
            {
                throw new PatchException($"patch: {name} is not in the $retainKeys list");
            }
        }

        foreach (var name in original.Select(p => p.Key).Where(k => !kept.Contains(k)).ToList())
        {
            original.Remove(name);
        }
    }

    private static void Refill(JsonObject original, JsonObject patch)
    {
        original.Clear();
        foreach (var (name, value) in patch)
        {
            if (name != DirectiveKey)
            {
                original[name] = value?.DeepClone();
            }
        }
    }
}
