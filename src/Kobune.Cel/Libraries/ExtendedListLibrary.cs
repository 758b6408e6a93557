using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>cel-go's extension of lists, version 3 (ext/lists.go), in Kubernetes since 1.34.</summary>
internal static class ExtendedListLibrary
{
    private const long LongestRange = 10_000_000;
    private static readonly CelType T = CelType.Parameter("T");
    private static readonly CelType L = CelType.List(T);
    private static readonly CelType[] Comparable = [CelType.Int, CelType.Uint, CelType.Double, CelType.Bool, CelType.Duration, CelType.Timestamp, CelType.String, CelType.Bytes];

    public static readonly CelLibrary Library = Build();

    private static CelLibrary Build()
    {
        var library = new LibraryBuilder("lists 3")
            .Member("slice", "list_slice", [L, CelType.Int, CelType.Int], L, a => Slice((CelList)a[0], a[1].Int(), a[2].Int()))
            .Member("flatten", "list_flatten", [CelType.List(L)], L, a => CelList.Of(Flatten((CelList)a[0], 1)))
            .Member("flatten", "list_flatten_int", [CelType.DynList, CelType.Int], CelType.DynList, a => a[1].Int() < 0 ? Error("level must be non-negative") : CelList.Of(Flatten((CelList)a[0], a[1].Int())))
            .Member("reverse", "list_reverse", [L], L, a => CelList.Of([.. Items((CelList)a[0]).Reverse()]))
            .Member("distinct", "list_distinct", [L], L, a => CelList.Of([.. Items((CelList)a[0]).Distinct(CelKeyComparer.Instance)]))
            .Global("lists.range", "lists_range", [CelType.Int], CelType.List(CelType.Int), a => Range(a[0].Int()));
        foreach (var type in Comparable)
        {
            library
                .Member("sort", $"list_{type.Name}_sort", [CelType.List(type)], CelType.List(type), a => Sort((CelList)a[0], (CelList)a[0]))
                .Member(CelMacros.SortByKeys, $"list_{type.Name}_sortByAssociatedKeys", [L, CelType.List(type)], L, a => Sort((CelList)a[0], (CelList)a[1]));
        }

        return library.Build();
    }

    private static IEnumerable<CelValue> Items(CelList list) => Enumerable.Range(0, list.Count).Select(i => list[i]);

    private static CelValue Slice(CelList list, long start, long end)
    {
        var problem = start < 0 || end < 0 ? "negative indexes not supported"
            : start > end ? "start index must be less than or equal to end index"
            : list.Count < end ? $"list is length {list.Count}"
            : null;
        return problem is null ? CelList.Of([.. Items(list).Skip((int)start).Take((int)(end - start))]) : Error($"cannot slice({start}, {end}), {problem}");
    }

    private static List<CelValue> Flatten(CelList list, long depth)
    {
        var flat = new List<CelValue>();
        foreach (var item in Items(list))
        {
            if (item is CelList inner && depth > 0)
            {
                flat.AddRange(Flatten(inner, depth - 1));
            }
            else
            {
                flat.Add(item);
            }
        }

        return flat;
    }

    private static CelValue Range(long count)
    {
        if (count is < 0 or > LongestRange)
        {
            return Error(count < 0 ? $"lists.range: size must be non-negative, got {count}" : $"lists.range: size {count} exceeds maximum allowed ({LongestRange})");
        }

        return CelList.Of(new Numbers((int)count));
    }

    private static CelValue Sort(CelList list, CelList keys)
    {
        if (list.Count != keys.Count)
        {
            return Error($"@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got {list.Count} and {keys.Count} elements respectively");
        }

        var all = Items(keys).ToArray();
        if (all.Length > 0 && all[0].CompareWith(all[0]) is null && all[0] is not CelDouble)
        {
            return Error("list elements must be comparable");
        }

        return Array.TrueForAll(all, k => k.TypeName == all[0].TypeName)
            ? CelList.Of([.. Enumerable.Range(0, all.Length).OrderBy(i => all[i], Comparer<CelValue>.Create((x, y) => x.CompareWith(y) ?? 0)).Select(i => list[i])])
            : Error("list elements must have the same type");
    }

    /// <summary>0, 1, 2 and so on, without the room that they would take.</summary>
    private sealed class Numbers(int count) : IReadOnlyList<CelValue>
    {
        public int Count => count;

        public CelValue this[int index] => CelInt.Of(index);

        public IEnumerator<CelValue> GetEnumerator() => Enumerable.Range(0, count).Select(i => (CelValue)CelInt.Of(i)).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
