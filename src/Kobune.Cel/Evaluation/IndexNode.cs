using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal sealed class IndexNode(AttributeNode operand, CelNode index, bool isOptional) : AttributeNode
{
    protected override bool IsFree => operand is ConditionalNode;

    public override CelValue Resolve(CelFrame frame)
    {
        var value = operand.Resolve(frame);
        var key = index.Evaluate(frame);
        if (index is not AttributeNode)
        {
            frame.Charge(1);
        }

        return value.IsError ? value : key.IsError ? key : Step(value, key, isOptional);
    }
}
