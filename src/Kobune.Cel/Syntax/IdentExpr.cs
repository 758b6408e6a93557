using Kobune.Cel.Values;

namespace Kobune.Cel.Syntax;

internal sealed class IdentExpr(int position, string name) : CelExpr(position)
{
    public string Name { get; } = name;

    /// <summary>Set when the name is a type or constant of the environment rather than a variable.</summary>
    public CelValue? Constant { get; set; }
}
