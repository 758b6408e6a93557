using Kobune.Cel.Values;

namespace Kobune.Cel.Schemas;

/// <summary>A JSON array.</summary>
internal sealed class JsonList : CelList
{
    private readonly JsonView _json;
    private readonly CelSchema? _items;
    private readonly CelValue?[] _made;

    public JsonList(JsonView json, CelSchema? items)
    {
        _json = json;
        _items = items;
        _made = new CelValue?[json.Count];
    }

    public override int Count => _made.Length;

    public override CelValue this[int index] => _made[index] ??= _items is null ? CelJson.Dynamic(_json[index]) : CelJson.Typed(_json[index], _items);
}
