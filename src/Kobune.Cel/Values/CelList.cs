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

internal sealed class CelValueList(IReadOnlyList<CelValue> values) : CelList
{
    public override int Count => values.Count;

    public override CelValue this[int index] => values[index];
}

/// <summary>Two lists seen as one, so that a list that grows in a macro is not copied with every element.</summary>
internal sealed class CelConcatList : CelList
{
    private readonly CelList _left;
    private readonly CelList _right;
    private readonly int _depth;
    private CelValue[]? _flat;

    public CelConcatList(CelList left, CelList right)
    {
        (_left, _right) = (left, right);
        Count = left.Count + right.Count;
        _depth = 1 + Math.Max((left as CelConcatList)?._depth ?? 0, (right as CelConcatList)?._depth ?? 0);
    }

    public override int Count { get; }

    public override CelValue this[int index]
    {
        get
        {
            if (_depth > 4)
            {
                _flat ??= Flatten();
                return _flat[index];
            }

            return index < _left.Count ? _left[index] : _right[index - _left.Count];
        }
    }

    private CelValue[] Flatten()
    {
        var flat = new CelValue[Count];
        var open = new Stack<(CelList List, int At)>();
        open.Push((this, 0));
        while (open.TryPop(out var next))
        {
            if (next.List is CelConcatList { _flat: null } concat)
            {
                open.Push((concat._right, next.At + concat._left.Count));
                open.Push((concat._left, next.At));
                continue;
            }

            for (var i = 0; i < next.List.Count; i++)
            {
                flat[next.At + i] = next.List[i];
            }
        }

        return flat;
    }
}
