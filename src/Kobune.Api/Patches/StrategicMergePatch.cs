using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>
/// Strategic merge patch: a merge patch that merges lists by key and understands the directives $patch, $retainKeys, $setElementOrder and
/// $deleteFromPrimitiveList. Behaviour of k8s.io/apimachinery, util/strategicpatch; its errors reach the client.
/// </summary>
public static class StrategicMergePatch
{
    internal const string DirectiveKey = "$patch";
    private const string RetainKeysKey = "$retainKeys";
    private const string DeleteFromListKey = "$deleteFromPrimitiveList";
    private const string ElementOrderKey = "$setElementOrder";

    /// <summary>The patched object. <paramref name="original"/> may be changed on the way, the patch is not.</summary>
    /// <exception cref="PatchException">A directive is malformed, an item lacks its merge key, or a type does not fit.</exception>
    public static JsonObject Apply(JsonObject original, JsonObject patch, IPatchShape? shape) => Merge(original, (JsonObject)patch.DeepClone(), shape);

    /// <summary>A patch as upstream's errors show it.</summary>
    public static string Show(JsonObject patch) => GoValue.Text(patch);

    /// <summary>Merges a patch of our own, which is used up.</summary>
    internal static JsonObject Merge(JsonObject original, JsonObject patch, IPatchShape? shape)
    {
        if (patch.TryGetPropertyValue(DirectiveKey, out var directive))
        {
            return Directed(directive, patch);
        }

        RetainKeys(original, patch);
        foreach (var name in patch.Select(p => p.Key).Where(k => k.StartsWith(ElementOrderKey, StringComparison.Ordinal)).ToList())
        {
            var order = patch[name];
            patch.Remove(name);
            StrategicOrder.Set(original, patch, ListName(name, ElementOrderKey, "setElementOrder list"), order, shape);
        }

        foreach (var name in patch.Select(p => p.Key).ToList())
        {
            var value = patch[name];
            patch.Remove(name); // so that the value may move into the object
            if (name.StartsWith(DeleteFromListKey, StringComparison.Ordinal))
            {
                DeleteFromList(original, ListName(name, DeleteFromListKey, "primitive list"), value, shape);
            }
            else
            {
                MergeField(original, name, value, shape);
            }
        }

        return original;
    }

    internal static string? Directive(JsonObject item) => item.TryGetPropertyValue(DirectiveKey, out var node) ? GoValue.Text(node) : null;

    internal static PatchException UnknownDirective(JsonNode? directive, JsonObject item) =>
        PatchException.Unforeseen($"unknown patch type: {GoValue.StringText(directive)} in map: {GoValue.Text(item)}");

    /// <summary>How a field of an object is patched.</summary>
    internal static PatchField FieldOf(IPatchShape? shape, string name)
    {
        if (shape is { StructName: null })
        {
            throw PatchException.Unforeseen("merging an object in json but data type is not struct, instead is: map");
        }

        return shape?.Field(name) ?? throw PatchException.Unforeseen($"unable to find api field in struct {shape?.StructName ?? "RawExtension"} for the json field \"{name}\"");
    }

    /// <summary>Takes out the objects that are directives; null when the value itself is one.</summary>
    internal static JsonNode? WithoutDirectives(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map when map.ContainsKey(DirectiveKey):
                return null;
            case JsonObject map:
                foreach (var (name, inner) in map.ToList())
                {
                    if (inner is not null && WithoutDirectives(inner) is null)
                    {
                        map.Remove(name);
                    }
                }

                return map;
            case JsonArray list:
                for (var i = list.Count - 1; i >= 0; i--)
                {
                    if (list[i] is { } item && WithoutDirectives(item) is null)
                    {
                        list.RemoveAt(i);
                    }
                }

                return list;
            default:
                return value;
        }
    }

    private static JsonObject Directed(JsonNode? directive, JsonObject patch)
    {
        switch (directive is JsonValue ? GoValue.Text(directive) : "")
        {
            case "replace":
                patch.Remove(DirectiveKey);
                return patch;
            case "delete":
                return [];
            default:
                throw UnknownDirective(directive, patch);
        }
    }

    private static void MergeField(JsonObject original, string name, JsonNode? value, IPatchShape? shape)
    {
        if (value is null)
        {
            original.Remove(name);
            return;
        }

        switch (original[name], value)
        {
            case (JsonObject before, JsonObject after):
                var field = FieldOf(shape, name);
                Put(original, name, field.Replace ? after : Merge(before, after, field.Shape));
                break;
            case (JsonArray before, JsonArray after):
                var list = FieldOf(shape, name);
                original[name] = list.Merge ? StrategicList.Merge(before, after, list) : after;
                break;
            default:
                MergePatch.Prune(value);
                if (WithoutDirectives(value) is { } kept)
                {
                    original[name] = kept;
                }
                else
                {
                    original.Remove(name);
                }

                break;
        }
    }

    private static void DeleteFromList(JsonObject original, string name, JsonNode? values, IPatchShape? shape)
    {
        if (values is null)
        {
            original.Remove(name);
        }
        else if (original[name] is JsonArray list && values is JsonArray gone)
        {
            original[name] = StrategicList.Delete(list, gone, FieldOf(shape, name));
        }
        else if (original[name] is JsonObject map && values is JsonObject patch)
        {
            Put(original, name, Merge(map, patch, FieldOf(shape, name).Shape));
        }
        else if (values is JsonValue && GoValue.SameType(original[name], values))
        {
            original[name] = values; // upstream takes the directive for the field where the types are scalars
        }
    }

    private static void RetainKeys(JsonObject original, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeysKey, out var node))
        {
            return;
        }

        patch.Remove(RetainKeysKey);
        var kept = (node as JsonArray ?? throw BadRetainKeys()).Where(k => GoValue.TypeName(k) == "string").Select(GoValue.Text).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in patch)
        {
            var isDirective = name.StartsWith(DeleteFromListKey, StringComparison.Ordinal) || name.StartsWith(ElementOrderKey, StringComparison.Ordinal);
            if (value is not null && !isDirective && !kept.Contains(name))
            {
                throw BadRetainKeys();
            }
        }

        foreach (var name in original.Select(p => p.Key).Where(k => !kept.Contains(k)).ToList())
        {
            original.Remove(name);
        }
    }

    private static string ListName(string key, string directive, string what)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash == directive.Length ? key[(slash + 1)..] : throw PatchException.Malformed($"invalid patch format of {what}");
    }

    private static void Put(JsonObject original, string name, JsonObject merged)
    {
        if (!ReferenceEquals(original[name], merged)) // else the merge worked in place
        {
            original[name] = merged;
        }
    }

    private static PatchException BadRetainKeys() => PatchException.Malformed("invalid patch format of retainKeys");
}
