using Kobune.Cel.Libraries;
using Kobune.Cel.Syntax;
using Kobune.Cel.Values;

namespace Kobune.Cel.Costs;

/// <summary>What a call cost, by the sizes of its values: Kubernetes' rules first (k8s.io/apiserver/pkg/cel/library/cost.go), then cel-go's (interpreter/runtimecost.go).</summary>
internal static class CelRuntimeCost
{
    public static ulong Of(string function, string overload, ReadOnlySpan<CelValue> arguments, CelValue result) =>
        OfExtendedLists(overload, arguments, result) ?? OfLibrary(function, overload, arguments, result) ?? OfLanguage(overload, arguments);

    private static ulong? OfExtendedLists(string overload, ReadOnlySpan<CelValue> a, CelValue result) => overload switch
    {
        "list_slice" or "lists_range" or "list_reverse" => CelCosts.NewListCall + Size(result),
        "list_flatten" => CelCosts.NewListCall + Size(a[0]),
        "list_flatten_int" => CelCosts.NewListCall + (a[1] is CelInt depth && depth.Value > 0 ? CelRange.Of(Size(a[0])).Scale(depth.Value).Max : 0),
        "list_distinct" => Pairs(a[0]),
        _ when CelCosts.IsSort(overload) => Pairs(a[0]),
        _ when CelCosts.IsSortByKeys(overload) => Pairs(a[1]),
        _ => null,
    };

    private static ulong Pairs(CelValue value)
    {
        var isText = value is CelList { Count: > 0 } list && list[0] is CelString or CelBytes;
        return CelCosts.NewListCall + (ulong)(Size(value) * (double)Size(value) * CelCosts.PairFactor(isText));
    }

    private static ulong? OfLibrary(string function, string overload, ReadOnlySpan<CelValue> a, CelValue result)
    {
        switch (function)
        {
            case "check":
                return CelCosts.AuthorizationCheck;
            case "fieldSelector" or "labelSelector" when a.Length >= 2:
                return CelCosts.Selector(new(Size(a[1]), Size(a[1]))).Max;
            case "isSorted" or "sum" or "max" or "min" or "indexOf" or "lastIndexOf":
                return a.Length == 0 ? 0 : Traversal(a[0]);
            case "url" or "lowerAscii" or "upperAscii" or "substring" or "trim" or "jsonpatch.escapeKey" or "cidr" or "isIP" or "isCIDR" or "quantity" or "isQuantity" or "semver" or "isSemver" when a.Length >= 1:
                return Scaled(Size(a[0]), CelCosts.StringFactor);
            case "replace" or "split" or "ip.isCanonical" when a.Length >= 1:
                return Scaled(Size(a[0]), 2 * CelCosts.StringFactor);
            case "join" when a.Length >= 1:
                return Scaled(Size(result), 2 * CelCosts.StringFactor);
            case "find" or "findAll" when a.Length >= 2:
                return Pattern(Size(a[0]), Size(a[1]));
            case "ip" when a.Length >= 1:
                return overload == "cidr_ip" ? 1 : Scaled(Size(a[0]), CelCosts.StringFactor);
            case "sets.contains" or "sets.intersects" or "sets.equivalent" when a.Length == 2:
                return (Size(a[0]) * Size(a[1]) * (function == "sets.equivalent" ? 2UL : 1)) + 1;
            case "containsIP" when a.Length >= 2:
                return Scaled(2 * Size(a[0]), CelCosts.StringFactor) + (overload == "cidr_contains_ip_string" ? Scaled(Size(a[1]), CelCosts.StringFactor) : 0);
            case "containsCIDR" when a.Length >= 2:
                return Scaled(2 * Size(a[0]), CelCosts.StringFactor) + Scaled(Size(a[0]), CelCosts.StringFactor) + 1
                    + (overload == "cidr_contains_cidr_string" ? Scaled(Size(a[1]), CelCosts.StringFactor) : 0);
            case "validate" when a.Length >= 2 && a[0] is CelFormatValue format:
                return Pattern(Size(a[1]), (ulong)format.PatternSize);
            case CelOperators.Equal when a.Length == 2 && a[0] is CelLibraryObject:
                return 1;
            default:
                return CelCosts.Nominal.Contains(function) ? 1 : null;
        }
    }

    private static ulong OfLanguage(string overload, ReadOnlySpan<CelValue> a)
    {
        switch (overload)
        {
            case "starts_with_string" or "ends_with_string" or "string_to_bytes" or "bytes_to_string" or "strings_quote" or "string_format":
                return Scaled(Size(a[0]), CelCosts.StringFactor);
            case "in_list":
                return Size(a[1]);
            case "add_string" or "add_bytes":
                return Scaled(Size(a[0]) + Size(a[1]), CelCosts.StringFactor);
            case "matches_string":
                return Pattern(Size(a[0]), Size(a[1]));
            case "contains_string":
                return Scaled(Size(a[0]), CelCosts.StringFactor) * Scaled(Size(a[1]), CelCosts.StringFactor);
            default:
                return CelCosts.IsTextComparison(overload) ? Scaled(Math.Min(Size(a[0]), Size(a[1])), CelCosts.StringFactor) : 1;
        }
    }

    private static ulong Size(CelValue value) => (ulong)(value.Size ?? 1);

    private static ulong Scaled(ulong size, double factor) => (ulong)Math.Ceiling(size * factor);

    private static ulong Pattern(ulong text, ulong pattern) =>
        (ulong)Math.Ceiling((1.0 + text) * CelCosts.StringFactor) * (ulong)Math.Ceiling(pattern * CelCosts.PatternFactor);

    private static ulong Traversal(CelValue value)
    {
        ulong cost = 0;
        switch (value)
        {
            case CelString or CelBytes:
                // Upstream counts octets here, not code points.
                var octets = value is CelString s ? System.Text.Encoding.UTF8.GetByteCount(s.Value) : (int)value.Size!;
                return (ulong)(octets * CelCosts.StringFactor);
            case CelList list:
                for (var i = 0; i < list.Count; i++)
                {
                    cost += Traversal(list[i]);
                }

                return cost;
            case CelMap map:
                foreach (var key in map.Keys)
                {
                    cost += Traversal(key) + Traversal(map.Find(key)!);
                }

                return cost;
            default:
                return 1;
        }
    }
}
