namespace Kobune.Cel.Syntax;

internal sealed class ListExpr(int position, IReadOnlyList<CelExpr> elements, IReadOnlySet<int> optional) : CelExpr(position)
{
    public IReadOnlyList<CelExpr> Elements { get; } = elements;

    /// <summary>Indexes of elements that are left out when absent.</summary>
    public IReadOnlySet<int> Optional { get; } = optional;
}
