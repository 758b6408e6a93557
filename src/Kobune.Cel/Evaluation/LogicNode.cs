using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>&amp;&amp; and ||: the deciding value wins over an error on either side.</summary>
internal sealed class LogicNode(CelNode left, CelNode right, bool decisive) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var first = left.Evaluate(frame);
        if (first is CelBool a && a.Value == decisive)
        {
            return a;
        }

        var second = right.Evaluate(frame);
        if (second is CelBool b)
        {
            return b.Value == decisive || first is CelBool ? b : first.IsError ? first : CelError.NoSuchOverload;
        }

        return first.IsError ? first : second.IsError ? second : CelError.NoSuchOverload;
    }
}
