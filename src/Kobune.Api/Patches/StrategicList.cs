using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>Merging of lists by key or as sets, and the order of the result (upstream: normalizeElementOrder).</summary>
internal static class StrategicList
{
    public static JsonArray Merge(JsonArray original, JsonArray patch, JsonArray? order, PatchField field)
    {
        var serverOrder = original.Select(i => Identity(i, field.MergeKey)).ToList();
        List<JsonNode?> merged;
        if (field.MergeKey.Length == 0)
        {
            merged = [.. original, .. patch.Where(p => !original.Any(o => JsonNode.DeepEquals(o, p)))];
        }
        else
        {
            if (patch.OfType<JsonObject>().Any(p => StrategicMergePatch.Directive(p) == "replace"))
            {
                return [.. patch.OfType<JsonObject>().Where(p => StrategicMergePatch.Directive(p) is null).Select(StrategicMergePatch.Plain)];
            }

            merged = MergeMaps(original, patch, field);
        }

        var wanted = (order ?? WithoutDeletes(patch)).Select(i => Identity(i, field.MergeKey)).ToList();
        var result = Order(merged, wanted, serverOrder, field.MergeKey);
        original.Clear(); // the items move into the new list
        return [.. result.Select(i => i?.Parent is null ? i : i.DeepClone())];
    }

    public static void DeleteFrom(JsonObject original, string name, JsonNode? values)
    {
        if (values is not JsonArray list)
        {
            throw new PatchException($"invalid format of $deleteFromPrimitiveList/{name}: must be a list");
        }

        if (original[name] is not JsonArray target)
        {
            return;
        }

        for (var i = target.Count - 1; i >= 0; i--)
        {
            if (list.Any(v => JsonNode.DeepEquals(v, target[i])))
            {
                target.RemoveAt(i);
            }
        }
    }

    private static List<JsonNode?> MergeMaps(JsonArray original, JsonArray patch, PatchField field)
    {
        List<JsonNode?> merged = [.. original];
        foreach (var node in patch)
        {
            if (node is not JsonObject item)
            {
                throw new PatchException("invalid patch: a list of objects cannot be merged with scalars");
            }

            if (!item.TryGetPropertyValue(field.MergeKey, out var key) || key is null)
            {
                throw new PatchException($"map: {item.ToJsonString()} does not contain declared merge key: {field.MergeKey}");
            }

            var at = merged.FindIndex(m => m is JsonObject have && JsonNode.DeepEquals(have[field.MergeKey], key));
            switch (StrategicMergePatch.Directive(item))
            {
                case "delete":
                    merged.RemoveAll(m => m is JsonObject have && JsonNode.DeepEquals(have[field.MergeKey], key));
                    break;
                case null or "merge" when at >= 0:
                    StrategicMergePatch.Apply((JsonObject)merged[at]!, item, field.Shape);
                    break;
                case null or "merge":
                    merged.Add(StrategicMergePatch.Plain(item));
                    break;
                case var other:
                    throw new PatchException($"unknown patch type found: {other}");
            }
        }

        return merged;
    }

    /// <summary>Items named by the patch take its order, the others the server's; the two runs are interleaved by the server's order where it knows both.</summary>
    private static List<JsonNode?> Order(List<JsonNode?> merged, List<string> wanted, List<string> serverOrder, string mergeKey)
    {
        var patchItems = merged.Where(m => wanted.Contains(Identity(m, mergeKey))).OrderBy(m => wanted.IndexOf(Identity(m, mergeKey))).ToList();
        var serverOnly = merged.Where(m => !wanted.Contains(Identity(m, mergeKey))).ToList();
        var result = new List<JsonNode?>(merged.Count);
        int left = 0, right = 0;
        while (left < serverOnly.Count && right < patchItems.Count)
        {
            var a = serverOrder.IndexOf(Identity(serverOnly[left], mergeKey));
            var b = serverOrder.IndexOf(Identity(patchItems[right], mergeKey));
            result.Add(a >= 0 && b >= 0 && a < b ? serverOnly[left++] : patchItems[right++]);
        }

        result.AddRange(serverOnly[left..]);
        result.AddRange(patchItems[right..]);
        return result;
    }

    private static IEnumerable<JsonNode?> WithoutDeletes(JsonArray patch) =>
        patch.Where(p => p is not JsonObject item || StrategicMergePatch.Directive(item) != "delete");

    private static string Identity(JsonNode? item, string mergeKey) =>
        (mergeKey.Length > 0 && item is JsonObject map ? map[mergeKey] : item)?.ToJsonString() ?? "null";
}
