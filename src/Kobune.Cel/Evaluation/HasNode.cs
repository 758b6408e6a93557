using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>has(operand.field); Kubernetes charges for what is below the variable alone.</summary>
internal sealed class HasNode(AttributeNode operand, CelString field) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var value = operand.Resolve(frame);
        frame.Charge(1);
        if (value is CelOptional optional)
        {
            value = optional.Value ?? CelNull.Instance;
        }

        return value switch
        {
            CelError => value,
            CelList => new CelError("unsupported index type 'string' in list"),
            CelObject made => CelBool.Of(made.Field(field.Value) is not null),
            CelMap map => CelBool.Of(map.Find(field) is not null),
            _ => CelBool.False,
        };
    }
}
