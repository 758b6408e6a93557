using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>Any value, as the root of fields below it.</summary>
internal sealed class RelativeNode(CelNode operand) : AttributeNode
{
    public override CelValue Resolve(CelFrame frame) => operand.Evaluate(frame);
}
