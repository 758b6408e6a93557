using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>Order of merged lists, and the directive $setElementOrder.</summary>
internal static class StrategicOrder
{
    /// <summary>Merges the list that an order is set for, and puts it in this order. What the patch has of it is used up.</summary>
    public static void Set(JsonObject original, JsonObject patch, string name, JsonNode? order, IPatchShape? shape)
    {
        var wanted = List(order);
        var hasOriginal = original.TryGetPropertyValue(name, out var before);
        var hasPatch = patch.TryGetPropertyValue(name, out var after);
        var (live, over) = (hasOriginal ? List(before) : [], hasPatch ? List(after) : []);
        var field = StrategicMergePatch.FieldOf(shape, name);
        var keys = new ItemKeys(field.MergeKey, field.MergeKey.Length > 0);
        keys.RequireOrder(over, wanted);
        if (!hasOriginal && !hasPatch)
        {
            return;
        }

        var merged = (hasOriginal, hasPatch) switch
        {
            (true, false) => (JsonArray)live.DeepClone(),
            (false, true) => (JsonArray)StrategicMergePatch.WithoutDirectives(over.DeepClone())!,
            _ when field.Merge => StrategicList.Merge((JsonArray)live.DeepClone(), (JsonArray)over.DeepClone(), field),
            _ => (JsonArray)over.DeepClone(),
        };
        var all = StrategicList.Take(merged);
        var places = wanted.ToList();
        if (field.MergeKey.Length > 0)
        {
            keys.RequireKeys(all);
        }

        _ = all.Count(item => keys.Contains(places, item)); // a wrong item of the order is found before an empty list is
        var isMap = StrategicList.HoldsMaps(live, over);
        original[name] = new ItemKeys(field.MergeKey, isMap).Interleave(all, places, places, ServerOrder(live, over, field, isMap));
        patch.Remove(name);
    }

    /// <summary>Index of the object with a value of the key; -1 when there is none.</summary>
    public static int Find(List<JsonNode?> list, string mergeKey, JsonNode? key)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not JsonObject item)
            {
                throw PatchException.Unforeseen($"value for key {i} is not a map");
            }

            if (item.TryGetPropertyValue(mergeKey, out var own) && GoValue.Same(own, key))
            {
                return i;
            }
        }

        return -1;
    }

    public static PatchException NoMergeKey(JsonObject item, string mergeKey) =>
        PatchException.Unforeseen($"map: {GoValue.Text(item)} does not contain declared merge key: {mergeKey}");

    private static JsonArray List(JsonNode? value) =>
        value as JsonArray ?? throw PatchException.Unforeseen($"expected a []interface {{}}, but received a {GoValue.TypeName(value)}");

    /// <summary>The order of the list that was: where the patch deletes items and adds others, the new ones stand, to upstream, in the places that became free.</summary>
    private static List<JsonNode?> ServerOrder(JsonArray live, JsonArray over, PatchField field, bool isMap)
    {
        var order = live.ToList();
        if (!isMap || !field.Merge)
        {
            return order;
        }

        var items = over.Cast<JsonObject>().ToList();
        if (items.Any(i => StrategicMergePatch.Directive(i) == "replace"))
        {
            return order;
        }

        foreach (var gone in items.Where(i => StrategicMergePatch.Directive(i) == "delete"))
        {
            for (var at = Find(order, field.MergeKey, gone[field.MergeKey]); at >= 0; at = Find(order, field.MergeKey, gone[field.MergeKey]))
            {
                order.RemoveAt(at);
            }
        }

        foreach (var item in items.Where(i => StrategicMergePatch.Directive(i) is null))
        {
            if (order.Count < live.Count && Find(order, field.MergeKey, item[field.MergeKey]) < 0)
            {
                order.Add(item);
            }
        }

        return order;
    }
}
