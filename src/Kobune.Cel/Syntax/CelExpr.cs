using Kobune.Cel.Types;

namespace Kobune.Cel.Syntax;

/// <summary>A node of an expression's tree. The checker writes the type into it; after that the tree is not changed.</summary>
internal abstract class CelExpr(int position)
{
    /// <summary>Where to point when it is wrong.</summary>
    public int Position { get; } = position;

    public CelType Type { get; set; } = CelType.Dyn;
}
