using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>A variable of a macro.</summary>
internal sealed class SlotNode(int slot) : AttributeNode
{
    public override CelValue Resolve(CelFrame frame) => frame.Slot(slot)!;
}
