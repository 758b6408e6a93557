namespace Kobune.Cel.Values;

internal sealed class CelValueMap(Dictionary<CelValue, CelValue> entries) : CelMap
{
    public override int Count => entries.Count;

    public override IEnumerable<CelValue> Keys => entries.Keys;

    public override CelValue? Find(CelValue key) => entries.GetValueOrDefault(key);
}
