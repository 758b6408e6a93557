namespace Kobune.Cel.Values;

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
