using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal sealed class ListNode(CelNode[] elements, IReadOnlySet<int> optional) : CelNode
{
    public const ulong BaseCost = 10;

    public override CelValue Evaluate(CelFrame frame)
    {
        var values = new List<CelValue>(elements.Length);
        for (var i = 0; i < elements.Length; i++)
        {
            var value = elements[i].Evaluate(frame);
            if (value.IsError)
            {
                frame.Charge(BaseCost);
                return value;
            }

            if (!optional.Contains(i))
            {
                values.Add(value);
            }
            else if (value is not CelOptional lifted)
            {
                frame.Charge(BaseCost);
                return OptionalEntries.Invalid(value);
            }
            else if (lifted.Value is { } present)
            {
                values.Add(present);
            }
        }

        frame.Charge(BaseCost);
        return CelList.Of(values);
    }
}

internal readonly record struct MapEntryNode(CelNode Key, CelNode Value, bool IsOptional);

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

        return values.TryAdd(key, value) ? null : new($"Failed with repeated key: {key}");
    }
}

internal readonly record struct FieldNode(string Name, CelNode Value, bool IsOptional);

internal sealed class StructNode(CelEnvironment environment, string typeName, FieldNode[] fields) : CelNode
{
    private const ulong BaseCost = 40;

    public override CelValue Evaluate(CelFrame frame)
    {
        var values = new Dictionary<string, CelValue>(fields.Length);
        foreach (var field in fields)
        {
            var value = field.Value.Evaluate(frame);
            if (value.IsError)
            {
                frame.Charge(BaseCost);
                return value;
            }

            if (!field.IsOptional)
            {
                values[field.Name] = value;
            }
            else if (value is not CelOptional optional)
            {
                return OptionalEntries.Invalid(value);
            }
            else if (optional.Value is { } present)
            {
                values[field.Name] = present;
            }
        }

        frame.Charge(BaseCost);
        return environment.Create(typeName, values);
    }
}

internal static class OptionalEntries
{
    public static CelError Invalid(CelValue value) => new($"cannot initialize optional list element from non-optional value {value}");
}
