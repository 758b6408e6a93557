using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>cel.bind and optMap.</summary>
internal sealed class BindNode(CelNode result, int slot) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        frame.Slot(slot) = null;
        return result.Evaluate(frame);
    }
}
