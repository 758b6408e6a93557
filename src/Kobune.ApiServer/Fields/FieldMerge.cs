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
            case (JsonObject { Count: > 0 }, null) when !shape.IsAtomic:
            case (JsonArray { Count: > 0 }, null) when shape.IsSet || shape.IsMapList:
                return live; // an empty opinion on a container leaves what is in it
            case (JsonObject map, JsonObject over) when !shape.IsAtomic:
                foreach (var (name, value) in over)
                {
                    var isKnown = map.TryGetPropertyValue(name, out var known);
                    var merged = Merge(known, value, shape.Child(name));
                    if (!isKnown || !ReferenceEquals(merged, known))
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

    /// <summary>Takes out the members of a set, each with all that is in it. A container that becomes empty is null.</summary>
    public static JsonNode? Remove(JsonNode? node, FieldSet set, FieldShape shape)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map when !shape.IsAtomic:
                foreach (var (element, child) in set.Children)
                {
                    var name = element[2..];
                    if (child.IsMember)
                    {
                        map.Remove(name);
                    }
                    else if (map[name] is { } value && Remove(value, child, shape.Child(name)) is null)
                    {
                        map[name] = null;
                    }
                }

                return map.Count > 0 ? map : null;
            case JsonArray { Count: > 0 } list when shape.IsSet || shape.IsMapList:
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
                    else if (Remove(list[i], child, shape.Item) is null)
                    {
                        list[i] = null;
                    }
                }

                return list.Count > 0 ? list : null;
            default:
                return node;
        }
    }

    /// <summary>Items of both lists: those of the object keep their places, those in both come in the order of the configuration.</summary>
    private static JsonArray Items(JsonArray live, JsonArray config, FieldShape shape)
    {
        var left = Elements(live, shape);
        var right = Elements(config, shape);
        var known = left.Select((element, index) => (element, index)).GroupBy(p => p.element).ToDictionary(g => g.Key, g => g.Count() == 1 ? live[g.First().index] : null, StringComparer.Ordinal); // what is there twice gives nothing
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
