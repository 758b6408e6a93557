namespace Kobune.Cel.Values;

internal sealed class CelValueList(IReadOnlyList<CelValue> values) : CelList
{
    public override int Count => values.Count;

    public override CelValue this[int index] => values[index];
}
