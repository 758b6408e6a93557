using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

internal sealed class ConstantNode(CelValue value) : CelNode
{
    public CelValue Value => value;

    public override CelValue Evaluate(CelFrame frame) => value;
}
