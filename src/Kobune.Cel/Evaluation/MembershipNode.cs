using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>Whether a value is one of constants.</summary>
internal sealed class MembershipNode(CelNode operand, HashSet<CelValue> members) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var value = operand.Evaluate(frame);
        return value.IsError ? value : CelBool.Of(members.Contains(value));
    }
}
