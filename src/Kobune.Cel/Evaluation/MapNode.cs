using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal sealed class MapNode(MapEntryNode[] entries) : CelNode
{
    public const ulong BaseCost = 30;

    public override CelValue Evaluate(CelFrame frame)
    {
        var values = new Dictionary<CelValue, CelValue>(entries.Length, CelKeyComparer.Instance);
        CelValue? failure = null;
        foreach (var entry in entries)
        {
            var key = entry.Key.Evaluate(frame);
            var value = key.IsError ? key : entry.Value.Evaluate(frame);
            failure = value.IsError ? value : Add(values, key, value, entry.IsOptional);
            if (failure is not null)
            {
                break;
            }
        }

        frame.Charge(BaseCost);
        return failure ?? new CelValueMap(values);
    }

    private static CelError? Add(Dictionary<CelValue, CelValue> values, CelValue key, CelValue value, bool isOptional)
    {
        if (isOptional)
        {
            if (value is not CelOptional optional)
            {
                return OptionalEntries.Invalid(value);
            }

            if (optional.Value is null)
            {
                return null;
            }

            value = optional.Value;
        }

        if (key is not (CelBool or CelInt or CelUint or CelString or CelDouble))
        {
            return new($"unsupported key type: {key.TypeName}");
        }

        values[key] = value; // of equal keys the last one stays
        return null;
    }
}
