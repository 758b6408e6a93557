using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Items of sets, and keys of maps that are lists, are there once. Source: k8s.io/apiextensions-apiserver, apiserver/schema/listtype.</summary>
internal static class ListUniqueness
{
    public static void Validate(JsonNode? value, JsonObject schema, string path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonArray list:
                Distinct(list, schema, path, errors);
                for (var i = 0; schema["items"] is JsonObject items && i < list.Count; i++)
                {
                    Validate(list[i], items, $"{path}[{i}]", errors);
                }

                break;
            case JsonObject map:
                foreach (var (name, inner) in map)
                {
                    if (schema["properties"]?[name] is JsonObject property)
                    {
                        Validate(inner, property, path.Length == 0 ? name : $"{path}.{name}", errors);
                    }
                    else if (schema["additionalProperties"] is JsonObject values)
                    {
                        Validate(inner, values, $"{path}[{name}]", errors);
                    }
                }

                break;
        }
    }

    private static void Distinct(JsonArray list, JsonObject schema, string path, FieldErrors errors)
    {
        var keys = schema.TextsAt("x-kubernetes-list-map-keys").Order(StringComparer.Ordinal).ToArray();
        var kind = schema.TextAt("x-kubernetes-list-type");
        if (kind == "map" && list.Select((item, i) => (item, i)).FirstOrDefault(p => p.item is not (null or JsonObject)) is { item: { } item, i: var at })
        {
            errors.Invalid($"{path}[{at}]", item, "must be an object for an array of list-type map");
            return;
        }

        var times = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; kind is "set" or "map" && i < list.Count; i++)
        {
            var key = kind == "set" ? list[i]?.DeepClone() : KeyOf(list[i] as JsonObject ?? [], keys);
            var text = SortedJson.Text(key);
            times[text] = times.GetValueOrDefault(text) + 1;
            if (times[text] == 2)
            {
                errors.Duplicate($"{path}[{i}]", key is JsonValue value && value.TryGetValue<string>(out var some) ? some : key);
            }
        }
    }

    private static JsonObject KeyOf(JsonObject item, IEnumerable<string> keys)
    {
        var key = new JsonObject();
        foreach (var name in keys)
        {
            key.TakeFrom(name, item);
        }

        return key;
    }
}
