using Kobune.Cel.Values;

namespace Kobune.Cel.Schemas;

/// <summary>A list of type map: equality ignores the order, + replaces the elements that have the same keys and adds the others.</summary>
internal sealed class CelMapList(CelList inner, string[] keys) : CelList
{
    private readonly CelString[] _keys = Array.ConvertAll(keys, k => new CelString(k));
    private Dictionary<string, int>? _positions;

    public override int Count => inner.Count;

    public override CelValue this[int index] => inner[index];

    private Dictionary<string, int> Positions => _positions ??= Collect();

    public override bool EqualTo(CelValue other)
    {
        if (other is not CelList list || list.Count != Count)
        {
            return false;
        }

        for (var i = 0; i < list.Count; i++)
        {
            if (!Positions.TryGetValue(Key(list[i]), out var position) || !inner[position].EqualTo(list[i]))
            {
                return false;
            }
        }

        return true;
    }

    internal override CelValue Concat(CelList other)
    {
        var positions = Collect();
        var values = Enumerable.Range(0, Count).Select(i => inner[i]).ToList();
        for (var i = 0; i < other.Count; i++)
        {
            var key = Key(other[i]);
            if (positions.TryGetValue(key, out var position))
            {
                values[position] = other[i];
            }
            else
            {
                values.Add(other[i]);
            }
        }

        return new CelMapList(Of(values), keys);
    }

    private Dictionary<string, int> Collect()
    {
        var positions = new Dictionary<string, int>();
        for (var i = 0; i < Count; i++)
        {
            positions[Key(inner[i])] = i;
        }

        return positions;
    }

    private string Key(CelValue element) =>
        string.Join('\0', _keys.Select(k => element is CelMap map && map.Find(k) is { } value ? $"{value.TypeName}:{value}" : ""));
}
