using Kobune.Cel.Syntax;
using Kobune.Cel.Types;

namespace Kobune.Cel.Checking;

/// <summary>
/// Literals of lists and maps may not mix types (cel-go's validator of homogeneous aggregates), but anywhere inside of arguments of format they may.
/// It runs on a tree that has passed the checker, so what the checker finds is shown alone.
/// </summary>
internal sealed class CelAggregateValidator(CelIssueSink issues)
{
    public void Run(CelExpr node)
    {
        if (node is CallExpr { Function: "format" })
        {
            return;
        }

        switch (node)
        {
            case ListExpr list:
                List(list);
                break;
            case MapExpr map:
                Map(map);
                break;
        }

        foreach (var child in CelTree.Children(node))
        {
            Run(child);
        }
    }

    /// <summary>The first element gives the type; the first that differs is shown.</summary>
    private void List(ListExpr list)
    {
        for (var i = 1; i < list.Elements.Count; i++)
        {
            if (Differs(list.Elements[i], TypeOf(list.Elements[0], list.Optional.Contains(0)), TypeOf(list.Elements[i], list.Optional.Contains(i))))
            {
                return;
            }
        }
    }

    /// <summary>The first entry gives the types; all that differ are shown.</summary>
    private void Map(MapExpr map)
    {
        foreach (var entry in map.Entries.Skip(1))
        {
            Differs(entry.Key, map.Entries[0].Key.Type, entry.Key.Type);
            Differs(entry.Value, TypeOf(map.Entries[0].Value, map.Entries[0].IsOptional), TypeOf(entry.Value, entry.IsOptional));
        }
    }

    private static CelType TypeOf(CelExpr node, bool isOptional) => isOptional && node.Type.IsOptional ? node.Type.Parameters[0] : node.Type;

    private bool Differs(CelExpr node, CelType expected, CelType actual)
    {
        if (expected.Equals(actual))
        {
            return false;
        }

        issues.Add(node.Position, $"expected type '{expected}' but found '{actual}'");
        return true;
    }
}
