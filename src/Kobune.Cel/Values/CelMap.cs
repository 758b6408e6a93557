using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A map. Its values may be made when they are asked for.</summary>
public abstract class CelMap : CelValue
{
    public override CelType Type => CelType.DynMap;

    /// <summary>How many entries there are.</summary>
    public abstract int Count { get; }

    /// <summary>All keys; the order is the map's own and stays the same.</summary>
    public abstract IEnumerable<CelValue> Keys { get; }

    internal override long? Size => Count;

    /// <summary>The value of a key, or null.</summary>
    public abstract CelValue? Find(CelValue key);

    /// <summary>Whether a key is there.</summary>
    internal virtual bool Contains(CelValue key) => Find(key) is not null;

    /// <summary>A map of entries. Numbers of different types that are equal are one key.</summary>
    public static CelMap Of(IEnumerable<KeyValuePair<CelValue, CelValue>> entries) =>
        new CelValueMap(new Dictionary<CelValue, CelValue>(entries, CelKeyComparer.Instance));

    public override bool EqualTo(CelValue other)
    {
        if (other is not CelMap map || map.Count != Count)
        {
            return false;
        }

        foreach (var key in Keys)
        {
            if (map.Find(key) is not { } theirs || !Find(key)!.EqualTo(theirs))
            {
                return false;
            }
        }

        return true;
    }

    internal override int Hash() => Count;
}
