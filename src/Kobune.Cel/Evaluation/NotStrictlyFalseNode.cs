using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>@not_strictly_false: an error does not end a quantifier.</summary>
internal sealed class NotStrictlyFalseNode(CelNode operand) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var value = operand.Evaluate(frame);
        frame.Charge(1);
        return value is CelBool ? value : CelBool.True;
    }
}
