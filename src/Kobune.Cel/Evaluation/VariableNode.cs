using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>A variable of the environment.</summary>
internal sealed class VariableNode(string name) : AttributeNode
{
    private readonly CelError _missing = new($"no such attribute(s): {name}");

    public override CelValue Resolve(CelFrame frame) => frame.Activation.Find(name) ?? _missing;
}
