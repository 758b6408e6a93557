using Kobune.Cel.Values;

namespace Kobune.Cel.Schemas;

/// <summary>A list of type set: equality ignores the order, + adds what is not there yet.</summary>
internal sealed class CelSetList(CelList inner) : CelList
{
    private HashSet<CelValue>? _members;

    public override int Count => inner.Count;

    public override CelValue this[int index] => inner[index];

    private HashSet<CelValue> Members => _members ??= Collect();

    public override bool EqualTo(CelValue other)
    {
        if (other is not CelList list || list.Count != Count)
        {
            return false;
        }

        for (var i = 0; i < list.Count; i++)
        {
            if (!Members.Contains(list[i]))
            {
                return false;
            }
        }

        return true;
    }

    internal override CelValue Concat(CelList other)
    {
        var seen = Collect();
        var values = Enumerable.Range(0, Count).Select(i => inner[i]).ToList();
        values.AddRange(Enumerable.Range(0, other.Count).Select(i => other[i]).Where(seen.Add));
        return new CelSetList(Of(values));
    }

    private HashSet<CelValue> Collect()
    {
        var members = new HashSet<CelValue>(CelKeyComparer.Instance);
        for (var i = 0; i < Count; i++)
        {
            members.Add(inner[i]);
        }

        return members;
    }
}
