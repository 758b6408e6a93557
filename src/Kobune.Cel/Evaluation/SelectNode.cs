using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal sealed class SelectNode(AttributeNode operand, CelString field, bool isOptional) : AttributeNode
{
    protected override bool IsFree => operand is ConditionalNode;

    public override CelValue Resolve(CelFrame frame)
    {
        var value = operand.Resolve(frame);
        return Step(frame, value, field, isOptional);
    }
}
