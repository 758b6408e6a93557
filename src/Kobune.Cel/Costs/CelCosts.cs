namespace Kobune.Cel.Costs;

/// <summary>Numbers and rules that costs at run time and estimates share (cel-go's common/cost.go and Kubernetes' library/cost.go).</summary>
internal static class CelCosts
{
    public const double StringFactor = 0.1;
    public const double PatternFactor = 0.25;
    public const ulong ListBase = 10;
    public const ulong MapBase = 30;
    public const ulong StructBase = 40;

    /// <summary>So dear that an expression can ask twice.</summary>
    public const ulong AuthorizationCheck = 350_000;

    /// <summary>Functions of Kubernetes' libraries that cost one.</summary>
    public static readonly HashSet<string> Nominal =
    [
        "serviceAccount", "path", "group", "resource", "subresource", "namespace", "name", "allowed", "reason", "error", "errored",
        "masked", "prefixLength", "family", "isUnspecified", "isLoopback", "isLinkLocalMulticast", "isLinkLocalUnicast", "isGlobalUnicast",
        "format.named", "sign", "asInteger", "isInteger", "asApproximateFloat", "isGreaterThan", "isLessThan", "compareTo", "add", "sub",
        "major", "minor", "patch", "getScheme", "getHostname", "getHost", "getPort", "getEscapedPath", "getQuery",
    ];

    /// <summary>What cel-go's lists charge beside their elements: the call and the new list.</summary>
    public const ulong NewListCall = 1 + ListBase;

    /// <summary>Sorting and comparing all with all cost this for each pair of elements.</summary>
    public static double PairFactor(bool isText) => isText ? 2 + StringFactor : 2;

    public static bool IsSort(string overload) => overload.EndsWith("_sort", StringComparison.Ordinal) && overload.StartsWith("list_", StringComparison.Ordinal);

    public static bool IsSortByKeys(string overload) => overload.EndsWith("_sortByAssociatedKeys", StringComparison.Ordinal);

    public static bool IsTextComparison(string overload) => overload is "equals" or "not_equals"
        or "less_string" or "greater_string" or "less_equals_string" or "greater_equals_string"
        or "less_bytes" or "greater_bytes" or "less_equals_bytes" or "greater_equals_bytes";

    /// <summary>A selector is read, and each of its requirements (at least two characters long) is an object with a list.</summary>
    public static CelRange Selector(CelRange length) =>
        CelRange.Of(ListBase).Add(length.Scale(StringFactor)).Add(length.Scale(0.5).Scale(ListBase + StructBase));
}
