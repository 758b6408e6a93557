namespace Kobune.Cel.Syntax;

/// <summary>Walks over trees.</summary>
internal static class CelTree
{
    public static IEnumerable<CelExpr> Descendants(CelExpr root)
    {
        var open = new Stack<CelExpr>();
        open.Push(root);
        while (open.TryPop(out var node))
        {
            yield return node;
            foreach (var child in Children(node))
            {
                open.Push(child);
            }
        }
    }

    public static IEnumerable<CelExpr> Children(CelExpr node) => node switch
    {
        SelectExpr { Qualified: { } qualified } => [qualified],
        SelectExpr select => [select.Operand],
        CallExpr { Target: { } target } call => call.Arguments.Prepend(target),
        CallExpr call => call.Arguments,
        ListExpr list => list.Elements,
        MapExpr map => map.Entries.SelectMany(e => new[] { e.Key, e.Value }),
        StructExpr made => made.Fields.Select(f => f.Value),
        ComprehensionExpr fold => [fold.Range, fold.Initial, fold.Condition, fold.Step, fold.Result],
        _ => [],
    };
}
