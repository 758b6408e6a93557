using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>Merging of lists by key or as sets of scalars. Lists that go in are used up.</summary>
internal static class StrategicList
{
    /// <summary>Merges the items and puts them in order: the patch's items in its own order, the others where they were.</summary>
    public static JsonArray Merge(JsonArray original, JsonArray patch, PatchField field)
    {
        if (original.Count == 0 && patch.Count == 0)
        {
            return [];
        }

        if (!HoldsMaps(original, patch))
        {
            var scalars = new ItemKeys("", IsMap: false);
            var (before, after) = (Take(original), Take(patch));
            return scalars.Interleave(Distinct([.. before, .. after]), after, after, before);
        }

        RequireKey(field);
        var plan = new ListMerge(Take(original), Take(patch), field);
        plan.Run();
        return new ItemKeys(field.MergeKey, IsMap: true).Interleave(plan.Merged, plan.Patch, plan.Patch, plan.Kept);
    }

    /// <summary>Takes the values of $deleteFromPrimitiveList out. Upstream merges them where they are objects.</summary>
    public static JsonArray Delete(JsonArray original, JsonArray gone, PatchField field)
    {
        if (original.Count == 0 && gone.Count == 0)
        {
            return [];
        }

        if (HoldsMaps(original, gone))
        {
            return Merge(original, gone, field);
        }

        return [.. Take(original).Where(item => !gone.Any(g => GoValue.Same(g, item)))];
    }

    /// <summary>Whether the items are objects. All of both lists have to be of one type.</summary>
    public static bool HoldsMaps(JsonArray original, JsonArray patch)
    {
        JsonNode? first = null;
        var any = false;
        foreach (var item in original.Concat(patch))
        {
            if (any && !GoValue.SameType(first, item))
            {
                throw PatchException.Unforeseen($"list element types are not identical: [{GoValue.Text(original)} {GoValue.Text(patch)}]");
            }

            if (!any && item is null)
            {
                throw PatchException.Unforeseen("This request caused apiserver to panic. Look in the logs for details.");
            }

            (first, any) = (item, true);
        }

        return first switch
        {
            null => throw PatchException.Unforeseen("no elements in any of the given slices"),
            JsonArray => throw new PatchException("lists of lists are not supported"),
            _ => first is JsonObject,
        };
    }

    /// <summary>The items, free of their list.</summary>
    public static List<JsonNode?> Take(JsonArray list)
    {
        var items = list.ToList();
        list.Clear();
        return items;
    }

    public static void RequireKey(PatchField field)
    {
        if (field.MergeKey.Length == 0)
        {
            throw PatchException.Unforeseen("cannot merge lists without merge key for struct");
        }
    }

    /// <summary>Each value once; the last one fills the place of one that goes, as upstream does it.</summary>
    private static List<JsonNode?> Distinct(List<JsonNode?> items)
    {
        for (var i = 0; i < items.Count - 1; i++)
        {
            for (var j = i + 1; j < items.Count; j++)
            {
                if (GoValue.Same(items[i], items[j]))
                {
                    items[j--] = items[^1];
                    items.RemoveAt(items.Count - 1);
                }
            }
        }

        return items;
    }
}
