using Kobune.Cel.Costs;
using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>An operator of one or two operands, by their values at run time.</summary>
internal sealed class OperatorNode(string function, string overload, CelNode left, CelNode? right, Func<CelValue, CelValue, CelValue> body) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var a = left.Evaluate(frame);
        var b = right is null ? a : right.Evaluate(frame);
        var result = a.IsError ? a : b.IsError ? b : body(a, b);
        frame.Charge(right is null ? 1 : CelRuntimeCost.Of(function, overload, [a, b], result));
        return result;
    }
}
