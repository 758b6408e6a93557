using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>A value and what it was before an update: fields by their names, items of lists with keys by these; other items have none. Source: k8s.io/apiserver, cel/common/equality.go.</summary>
/// <param name="now">The value.</param>
/// <param name="old">What it was.</param>
/// <param name="schema">Its schema, which says what is a counterpart.</param>
internal sealed class Counterpart(JsonNode? now, JsonNode? old, JsonObject schema)
{
    private readonly Dictionary<object, Counterpart?> _parts = [];
    private Dictionary<string, JsonNode?>? _byKey;
    private bool? _isEqual;

    /// <summary>Whether nothing of it changed; the order of lists with keys does not count.</summary>
    public bool IsEqual => _isEqual ??= Equal();

    public Counterpart? Field(string name)
    {
        if (!_parts.TryGetValue(name, out var part))
        {
            _parts[name] = part = now is JsonObject map && old is JsonObject before && map.TryGetPropertyValue(name, out var value) && before.TryGetPropertyValue(name, out var earlier)
                && (schema["properties"]?[name] ?? schema["additionalProperties"]) is JsonObject inner ? new(value, earlier, inner) : null;
        }

        return part;
    }

    public Counterpart? Item(int index)
    {
        if (!_parts.TryGetValue(index, out var part))
        {
            _parts[index] = part = now is JsonArray list && old is JsonArray before && schema["items"] is JsonObject items && IsKeyed
                && ByKey(before).TryGetValue(KeyOf(list[index]), out var earlier) ? new(list[index], earlier, items) : null;
        }

        return part;
    }

    private bool IsKeyed => schema.TextAt("x-kubernetes-list-type") == "map";

    private bool Equal() => (now, old) switch
    {
        (JsonArray list, JsonArray before) => list.Count == before.Count && (IsKeyed ? Enumerable.Range(0, list.Count).All(i => Item(i) is { IsEqual: true }) : JsonNode.DeepEquals(list, before)),
        (JsonObject map, JsonObject before) => map.Count == before.Count && map.All(p => Field(p.Key) is { IsEqual: true }),
        _ => JsonNode.DeepEquals(now, old),
    };

    private Dictionary<string, JsonNode?> ByKey(JsonArray before)
    {
        if (_byKey is null)
        {
            _byKey = new(StringComparer.Ordinal);
            foreach (var item in before)
            {
                _byKey.TryAdd(KeyOf(item), item);
            }
        }

        return _byKey;
    }

    private string KeyOf(JsonNode? item) => string.Join(',', schema.TextsAt("x-kubernetes-list-map-keys").Select(k => (item as JsonObject)?[k]?.ToJsonString() ?? "null"));
}
