using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A list. Its elements may be made when they are asked for.</summary>
public abstract class CelList : CelValue
{
    public override CelType Type => CelType.DynList;

    /// <summary>How many elements there are.</summary>
    public abstract int Count { get; }

    /// <summary>An element, from 0.</summary>
    public abstract CelValue this[int index] { get; }

    internal override long? Size => Count;

    /// <summary>A list of values.</summary>
    public static CelList Of(IReadOnlyList<CelValue> values) => new CelValueList(values);

    public override bool EqualTo(CelValue other)
    {
        if (other is not CelList list || list.Count != Count)
        {
            return false;
        }

        for (var i = 0; i < Count; i++)
        {
            if (!this[i].EqualTo(list[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The list with another's elements behind its own; lists of a schema may merge instead.</summary>
    internal virtual CelValue Concat(CelList other) => Count == 0 ? other : other.Count == 0 ? this : new CelConcatList(this, other);

    internal bool Contains(CelValue value)
    {
        for (var i = 0; i < Count; i++)
        {
            if (this[i].EqualTo(value))
            {
                return true;
            }
        }

        return false;
    }

    internal override int Hash() => Count;
}
