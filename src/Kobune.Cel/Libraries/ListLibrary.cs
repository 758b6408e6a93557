using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' functions of lists.</summary>
internal static class ListLibrary
{
    private static readonly CelType A = CelType.Parameter("A");

    private static readonly (string Name, CelType Type, CelValue Zero)[] Summable =
        [("int", CelType.Int, CelInt.Of(0)), ("uint", CelType.Uint, new CelUint(0)), ("double", CelType.Double, new CelDouble(0)), ("duration", CelType.Duration, new CelDuration(0))];

    private static readonly (string Name, CelType Type)[] Comparable =
    [
        ("int", CelType.Int), ("uint", CelType.Uint), ("double", CelType.Double), ("bool", CelType.Bool), ("duration", CelType.Duration), ("timestamp", CelType.Timestamp),
        ("string", CelType.String), ("bytes", CelType.Bytes),
    ];

    public static readonly CelLibrary Library = Build();

    private static CelLibrary Build()
    {
        var library = new LibraryBuilder("lists")
            .Member("indexOf", "list_a_index_of_int", [CelType.List(A), A], CelType.Int, a => CelInt.Of(IndexOf((CelList)a[0], a[1])))
            .Member("lastIndexOf", "list_a_last_index_of_int", [CelType.List(A), A], CelType.Int, a => CelInt.Of(LastIndexOf((CelList)a[0], a[1])));
        foreach (var (name, type) in Comparable)
        {
            library
                .Member("isSorted", $"list_{name}_is_sorted_bool", [CelType.List(type)], CelType.Bool, a => IsSorted((CelList)a[0]))
                .Member("max", $"list_{name}_max_{name}", [CelType.List(type)], type, a => Best((CelList)a[0], "max", -1))
                .Member("min", $"list_{name}_min_{name}", [CelType.List(type)], type, a => Best((CelList)a[0], "min", 1));
        }

        foreach (var (name, type, zero) in Summable)
        {
            library.Member("sum", $"list_{name}_sum_{name}", [CelType.List(type)], type, a => Sum((CelList)a[0], zero));
        }

        return library.Build();
    }

    private static int IndexOf(CelList list, CelValue item)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].EqualTo(item))
            {
                return i;
            }
        }

        return -1;
    }

    private static int LastIndexOf(CelList list, CelValue item)
    {
        var i = list.Count - 1;
        while (i >= 0 && !list[i].EqualTo(item))
        {
            i--;
        }

        return i;
    }

    private static CelBool IsSorted(CelList list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (list[i - 1].CompareWith(list[i]) > 0)
            {
                return CelBool.False;
            }
        }

        return CelBool.True;
    }

    /// <summary>The element that no other is before (or behind); <paramref name="worse"/> is the sign of an order in which the later one wins.</summary>
    private static CelValue Best(CelList list, string function, int worse)
    {
        if (list.Count == 0)
        {
            return Error($"{function} called on empty list");
        }

        var best = list[0];
        for (var i = 1; i < list.Count; i++)
        {
            best = best.CompareWith(list[i]) is { } order && Math.Sign(order) == worse ? list[i] : best;
        }

        return best;
    }

    private static CelValue Sum(CelList list, CelValue zero)
    {
        var sum = zero;
        for (var i = 0; i < list.Count && !sum.IsError; i++)
        {
            sum = CelArithmetic.Add(sum, list[i]);
        }

        return sum;
    }
}
