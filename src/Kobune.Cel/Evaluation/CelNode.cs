using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>A step of a compiled expression; immutable and shared by all evaluations.</summary>
internal abstract class CelNode
{
    public abstract CelValue Evaluate(CelFrame frame);
}
