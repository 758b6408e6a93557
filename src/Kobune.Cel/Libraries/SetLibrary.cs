using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Lists as sets (cel-go's ext/sets.go).</summary>
internal static class SetLibrary
{
    private static readonly CelType L = CelType.List(CelType.Parameter("T"));

    public static readonly CelLibrary Library = new LibraryBuilder("sets")
        .Global("sets.contains", "list_sets_contains_list", [L, L], CelType.Bool, a => Bool(Contains((CelList)a[0], (CelList)a[1])))
        .Global("sets.equivalent", "list_sets_equivalent_list", [L, L], CelType.Bool, a => Bool(Contains((CelList)a[0], (CelList)a[1]) && Contains((CelList)a[1], (CelList)a[0])))
        .Global("sets.intersects", "list_sets_intersects_list", [L, L], CelType.Bool, a => Bool(Intersects((CelList)a[0], (CelList)a[1])))
        .Build();

    private static bool Contains(CelList list, CelList part)
    {
        for (var i = 0; i < part.Count; i++)
        {
            if (!list.Contains(part[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Intersects(CelList a, CelList b)
    {
        for (var i = 0; i < a.Count; i++)
        {
            if (b.Contains(a[i]))
            {
                return true;
            }
        }

        return false;
    }
}
