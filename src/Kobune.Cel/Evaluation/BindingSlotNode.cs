using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>A name for a value that is made when it is first used.</summary>
internal sealed class BindingSlotNode(int slot, CelNode value) : AttributeNode
{
    public override CelValue Resolve(CelFrame frame) => frame.Slot(slot) ??= value.Evaluate(frame);
}
