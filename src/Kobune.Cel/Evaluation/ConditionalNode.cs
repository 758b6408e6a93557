using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal sealed class ConditionalNode(CelNode condition, CelNode yes, CelNode no) : AttributeNode
{
    protected override bool IsFree => true;

    public override CelValue Resolve(CelFrame frame)
    {
        var test = condition.Evaluate(frame);
        if (test is not CelBool decided)
        {
            return test.IsError ? test : CelError.NoSuchOverload;
        }

        var branch = decided.Value ? yes : no;
        return branch is AttributeNode attribute ? attribute.Resolve(frame) : branch.Evaluate(frame);
    }
}
