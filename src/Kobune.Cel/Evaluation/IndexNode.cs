using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal sealed class IndexNode(AttributeNode operand, CelNode index, bool isOptional) : AttributeNode
{
    protected override bool IsFree => operand is ConditionalNode;

    public override CelValue Resolve(CelFrame frame)
    {
        var value = operand.Resolve(frame);
        if (IsAbsent(value))
        {
            return value;
        }

        var key = index.Evaluate(frame);
        var isCharged = index is not AttributeNode;
        if (!value.IsError && !key.IsError)
        {
            return Step(frame, value, key, isOptional, isCharged);
        }

        frame.Charge(isCharged ? 1UL : 0);
        return value.IsError ? value : key;
    }
}
