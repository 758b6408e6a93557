using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Cel.Schemas;

/// <summary>A JSON value, whichever of the two document models holds it.</summary>
internal readonly struct JsonView
{
    private readonly JsonNode? _node;
    private readonly JsonElement _element;

    public JsonView(JsonElement element) => _element = element;

    public JsonView(JsonNode? node)
    {
        if (node is JsonValue value && value.TryGetValue(out JsonElement element))
        {
            _element = element;
        }
        else
        {
            _node = node;
        }
    }

    public JsonValueKind Kind => _node?.GetValueKind() ?? (_element.ValueKind == JsonValueKind.Undefined ? JsonValueKind.Null : _element.ValueKind);

    public int Count => _node switch
    {
        JsonArray array => array.Count,
        JsonObject made => made.Count,
        _ => Kind == JsonValueKind.Array ? _element.GetArrayLength() : _element.EnumerateObject().Count(),
    };

    public string Text => _node is null ? _element.GetString()! : _node.GetValue<string>();

    public IEnumerable<string> Names => _node is JsonObject made ? made.Select(p => p.Key) : _element.EnumerateObject().Select(p => p.Name);

    /// <summary>The number as an integer of 64 bits, when it is one.</summary>
    public long? Integer
    {
        get
        {
            if (_node is null)
            {
                return _element.TryGetInt64(out var number) ? number : null;
            }

            return long.TryParse(_node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        }
    }

    public double Number => _node is null ? _element.GetDouble() : double.Parse(_node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    public JsonView this[int index] => _node is JsonArray array ? new(array[index]) : new(_element[index]);

    public bool IsEqual(JsonView other) => _node is null && other._node is null ? JsonElement.DeepEquals(_element, other._element) : JsonNode.DeepEquals(ToNode(), other.ToNode());

    private JsonNode? ToNode() => _node ?? (Kind == JsonValueKind.Null ? null : JsonNode.Parse(_element.GetRawText()));

    public bool TryGet(string name, out JsonView value)
    {
        if (_node is JsonObject made)
        {
            var found = made.TryGetPropertyValue(name, out var inner);
            value = new(inner);
            return found;
        }

        var exists = _element.TryGetProperty(name, out var element);
        value = new(element);
        return exists;
    }
}
