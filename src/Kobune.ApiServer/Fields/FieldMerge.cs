using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Fields;

/// <summary>Merges an applied configuration into an object, and takes out fields. Both work in place. Source: structured-merge-diff, typed.Merge and RemoveItems.</summary>
internal static class FieldMerge
{
    /// <summary>Puts the configuration over the object; returns what stands at this place afterwards.</summary>
    public static JsonNode? Merge(JsonNode? live, JsonNode? config, FieldShape shape)
    {
        switch (live, config)
        {
            case (JsonObject or JsonArray, null) when !shape.IsAtomic:
                return live; // an empty opinion on a container leaves what is in it
            case (JsonObject map, JsonObject over) when !shape.IsAtomic:
                foreach (var (name, value) in over)
                {
                    map.TryGetPropertyValue(name, out var known);
                    var merged = Merge(known, value, shape.Child(name));
                    if (known is null || !ReferenceEquals(merged, known))
                    {
                        map[name] = merged;
                    }
                }

                return map;
            case (JsonArray list, JsonArray over) when shape.IsSet || shape.IsMapList:
                return Items(list, over, shape);
            default:
                return config?.DeepClone();
        }
    }

    /// <summary>Takes out the members of a set, each with all that is in it.</summary>
    public static void Remove(JsonNode? node, FieldSet set, FieldShape shape)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (element, child) in set.Children)
                {
                    var name = element[2..];
                    if (child.IsMember)
                    {
                        map.Remove(name);
                    }
                    else
                    {
                        Remove(map[name], child, shape.Child(name));
                    }
                }

                break;
            case JsonArray list when shape.IsSet || shape.IsMapList:
                for (var i = list.Count - 1; i >= 0; i--)
                {
                    if (set.Find(shape.ElementOf(list[i])) is not { } child)
                    {
                        continue;
                    }

                    if (child.IsMember)
                    {
                        list.RemoveAt(i);
                    }
                    else
                    {
                        Remove(list[i], child, shape.Item);
                    }
                }

                break;
        }
    }

    /// <summary>Items of both lists: those of the object keep their places, those in both come in the order of the configuration.</summary>
    private static JsonArray Items(JsonArray live, JsonArray config, FieldShape shape)
    {
        var left = Elements(live, shape);
        var right = Elements(config, shape);
        var known = left.Select((element, index) => (element, index)).GroupBy(p => p.element).ToDictionary(g => g.Key, g => live[g.First().index], StringComparer.Ordinal);
        var wanted = right.ToHashSet(StringComparer.Ordinal);
        var shared = new Queue<string>(right.Where(known.ContainsKey));
        var result = new JsonArray();
        for (int l = 0, r = 0; l < left.Count || r < right.Count;)
        {
            if (l < left.Count && !wanted.Contains(left[l]))
            {
                result.Add(live[l++]?.DeepClone());
            }
            else if (l < left.Count && (shared.Count == 0 || shared.Peek() != left[l]))
            {
                l++; // comes, or came, in the place that the configuration gives it
            }
            else
            {
                var element = right[r];
                var both = known.TryGetValue(element, out var mine);
                result.Add(both ? Merge(mine?.DeepClone(), config[r], shape.Item) : config[r]?.DeepClone());
                r++;
                if (both)
                {
                    shared.Dequeue();
                }
            }
        }

        return result;
    }

    private static List<string> Elements(JsonArray list, FieldShape shape) => [.. list.Select(shape.ElementOf)];
}
