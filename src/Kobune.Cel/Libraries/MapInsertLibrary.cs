using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>What transformMap and transformMapEntry build maps with (cel-go's ext/comprehensions.go).</summary>
internal static class MapInsertLibrary
{
    private static readonly CelType K = CelType.Parameter("K");
    private static readonly CelType V = CelType.Parameter("V");
    private static readonly CelType MapKV = CelType.Map(K, V);

    public static readonly CelLibrary Library = new LibraryBuilder("two-variable comprehensions")
        .Global(CelOperators.MapInsert, "@mapInsert_map_map", [MapKV, MapKV], MapKV, a => Insert((CelMap)a[0], ((CelMap)a[1]).Keys.Select(k => k), (CelMap)a[1]))
        .Global(CelOperators.MapInsert, "@mapInsert_map_key_value", [MapKV, K, V], MapKV, a => Insert((CelMap)a[0], a[1], a[2]))
        .Build();

    private static CelValue Insert(CelMap map, IEnumerable<CelValue> keys, CelMap other)
    {
        CelValue result = map;
        foreach (var key in keys)
        {
            result = Insert((CelMap)result, key, other.Find(key)!);
            if (result.IsError)
            {
                break;
            }
        }

        return result;
    }

    private static CelValue Insert(CelMap map, CelValue key, CelValue value)
    {
        if (map.Find(key) is not null)
        {
            return new CelError($"insert failed: key {key} already exists");
        }

        // Only a fold's own state comes here, and what it was before is not used again.
        return map is GrowingMap growing ? growing.With(key, value) : new GrowingMap(map).With(key, value);
    }

    /// <summary>A map that only grows: each state sees the entries that were there when it was made.</summary>
    private sealed class GrowingMap : CelMap
    {
        private readonly Dictionary<CelValue, (int At, CelValue Value)> _entries;
        private readonly List<CelValue> _keys;

        public GrowingMap(CelMap start)
        {
            _entries = new(CelKeyComparer.Instance);
            _keys = [.. start.Keys];
            Count = _keys.Count;
            for (var i = 0; i < _keys.Count; i++)
            {
                _entries[_keys[i]] = (i, start.Find(_keys[i])!);
            }
        }

        private GrowingMap(Dictionary<CelValue, (int, CelValue)> entries, List<CelValue> keys) => (_entries, _keys, Count) = (entries, keys, keys.Count);

        public override int Count { get; }

        public override IEnumerable<CelValue> Keys => _keys.Take(Count);

        public override CelValue? Find(CelValue key) => _entries.TryGetValue(key, out var entry) && entry.At < Count ? entry.Value : null;

        public GrowingMap With(CelValue key, CelValue value)
        {
            if (Count != _keys.Count)
            {
                return new GrowingMap(this).With(key, value);
            }

            _entries[key] = (Count, value);
            _keys.Add(key);
            return new GrowingMap(_entries, _keys);
        }
    }
}
