using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>How the items of a list are told apart.</summary>
/// <param name="MergeKey">The key of objects; empty for scalars.</param>
/// <param name="IsMap">Whether the items are objects.</param>
internal readonly record struct ItemKeys(string MergeKey, bool IsMap)
{
    public bool Contains(List<JsonNode?> list, JsonNode? item) =>
        MergeKey.Length == 0 ? Index(list, item) >= 0 : StrategicOrder.Find(list, MergeKey, ((JsonObject)item!)[MergeKey]) >= 0;

    /// <summary>Every item has to be an object with the key.</summary>
    public void RequireKeys(IEnumerable<JsonNode?> items)
    {
        foreach (var item in items)
        {
            var map = Map(item);
            if (!map.ContainsKey(MergeKey))
            {
                throw StrategicOrder.NoMergeKey(map, MergeKey);
            }
        }
    }

    /// <summary>The patch's items have to stand in the order that it sets itself.</summary>
    public void RequireOrder(JsonArray patch, JsonArray order)
    {
        if (order.Count == 0 || patch.Count == 0)
        {
            return;
        }

        var items = MergeKey.Length == 0 ? patch.ToList() : patch.Where(i => StrategicMergePatch.Directive(Map(i)) != "delete").ToList();
        var (at, ordered) = (0, 0);
        while (at < items.Count && ordered < order.Count)
        {
            if (items[at] is JsonObject item && StrategicMergePatch.Directive(item) is not null)
            {
                at++;
                continue;
            }

            at += Equal(items[at], order[ordered]) ? 1 : 0;
            ordered++;
        }

        if (at < items.Count && ordered >= order.Count)
        {
            throw PatchException.Unforeseen($"The order in patch list:\n{GoValue.Text(patch)}\n doesn't match $setElementOrder list:\n{GoValue.Text(order)}\n");
        }
    }

    /// <summary>The items that <paramref name="named"/> has in the patch's order, the others in the server's; the two runs are interleaved by the server's order where it knows both.</summary>
    public JsonArray Interleave(List<JsonNode?> all, List<JsonNode?> named, List<JsonNode?> patchOrder, List<JsonNode?> serverOrder)
    {
        if (MergeKey.Length > 0)
        {
            RequireKeys(all);
        }

        var (mine, theirs) = (new List<JsonNode?>(), new List<JsonNode?>());
        foreach (var item in all)
        {
            (Contains(named, item) ? mine : theirs).Add(item);
        }

        Sort(mine, patchOrder);
        Sort(theirs, serverOrder);
        var result = new List<JsonNode?>(all.Count);
        int left = 0, right = 0;
        while (left < theirs.Count && right < mine.Count)
        {
            var (a, b) = (Index(serverOrder, theirs[left]), Index(serverOrder, mine[right]));
            result.Add(a >= 0 && b >= 0 && a < b ? theirs[left++] : mine[right++]);
        }

        result.AddRange(theirs[left..]);
        result.AddRange(mine[right..]);
        return [.. result.Select(i => i?.Parent is null ? i : i.DeepClone())];
    }

    /// <summary>An insertion sort that takes what the order does not name as smaller than all before it, as upstream's comparison does.</summary>
    private void Sort(List<JsonNode?> items, List<JsonNode?> order)
    {
        if (IsMap)
        {
            RequireKeys(items);
            RequireKeys(order);
        }

        var deletions = items.Where(IsDeletion).ToList();
        items.RemoveAll(IsDeletion);
        for (var i = 1; i < items.Count; i++)
        {
            for (var j = i; j > 0 && IsLess(items[j], items[j - 1], order); j--)
            {
                (items[j], items[j - 1]) = (items[j - 1], items[j]);
            }
        }

        items.AddRange(deletions);
    }

    private bool IsLess(JsonNode? a, JsonNode? b, List<JsonNode?> order)
    {
        var (x, y) = (Index(order, a), Index(order, b));
        return x < 0 || y < 0 || x < y;
    }

    private int Index(List<JsonNode?> list, JsonNode? item)
    {
        var key = MergeKey;
        var wanted = IsMap ? ((JsonObject)item!)[key] : item;
        var isMap = IsMap;
        return list.FindIndex(i => GoValue.Same(isMap ? (i as JsonObject)?[key] : i, wanted));
    }

    private bool Equal(JsonNode? left, JsonNode? right)
    {
        if (MergeKey.Length == 0)
        {
            return GoValue.Same(left, right);
        }

        RequireKeys([left, right]);
        return GoValue.Same(((JsonObject)left!)[MergeKey], ((JsonObject)right!)[MergeKey]);
    }

    private static bool IsDeletion(JsonNode? item) => item is JsonObject map && StrategicMergePatch.Directive(map) == "delete";

    private static JsonObject Map(JsonNode? item) =>
        item as JsonObject ?? throw PatchException.Unforeseen($"expected a map[string]interface {{}}, but received a {GoValue.TypeName(item)}");
}
