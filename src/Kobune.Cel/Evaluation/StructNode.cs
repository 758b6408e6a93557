using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

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
