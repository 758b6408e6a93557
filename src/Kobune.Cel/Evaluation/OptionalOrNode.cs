using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>optional.or(optional) and optional.orValue(value): the alternative is evaluated only when it is needed.</summary>
internal sealed class OptionalOrNode(CelNode target, CelNode alternative, bool unwrap) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var first = target.Evaluate(frame);
        return first switch
        {
            CelError => first,
            CelOptional { Value: { } value } => unwrap ? value : first,
            CelOptional => alternative.Evaluate(frame),
            _ => CelError.NoSuchOverload,
        };
    }
}
