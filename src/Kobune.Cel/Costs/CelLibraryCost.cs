using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Costs;

/// <summary>Kubernetes' estimates (k8s.io/apiserver/pkg/cel/library/cost.go: EstimateCallCost); null where cel-go's apply.</summary>
internal static class CelLibraryCost
{
    private const ulong MaxFormatPattern = 128;
    private const ulong MaxFormatName = 64;

    /// <summary>An address as octets.</summary>
    private static readonly CelRange Address = new(4, 16);

    public static CallCost? Of(CelCostEstimator estimator, string function, string overload, CostOperand? target, CostOperand[] a)
    {
        CelRange Size(CostOperand operand) => estimator.SizeOf(operand);
        if (OfExtendedLists(estimator, overload, target, a) is { } lists)
        {
            return lists;
        }

        switch (function)
        {
            case "check":
                return new(CelRange.Of(CelCosts.AuthorizationCheck));
            case "fieldSelector" or "labelSelector" when a.Length == 1:
                return new(CelCosts.Selector(Size(a[0])));
            case "isSorted" or "sum" or "max" or "min" or "indexOf" or "lastIndexOf" when target is not null:
                return Traverse(estimator, target);
            case "url" or "jsonpatch.escapeKey" when a.Length == 1:
                return new(Size(a[0]).Scale(CelCosts.StringFactor), Size(a[0]));
            case "lowerAscii" or "upperAscii" or "substring" or "trim" when target is not null:
                return new(Size(target).Scale(CelCosts.StringFactor), Size(target));
            case "replace" when target is not null && a.Length >= 2:
                return new(Size(target).Scale(2 * CelCosts.StringFactor), Replaced(Size(target), Size(a[0]), Size(a[1])));
            case "split" when target is not null:
                var pieces = a.Length > 1 && a[1].Tree is ConstantExpr { Value: CelInt limit } ? (ulong)limit.Value : Size(target).Max;
                return new(Size(target).Scale(2 * CelCosts.StringFactor), new CelRange(0, pieces));
            case "join" when target is not null:
                var joined = Joined(estimator, target, a);
                return new(joined.Scale(CelCosts.StringFactor), joined);
            case "find" or "findAll" when target is not null && a.Length >= 1:
                return new(Size(target).Add(CelRange.Of(1)).Scale(CelCosts.StringFactor).Multiply(Size(a[0]).Scale(CelCosts.PatternFactor)), new CelRange(0, Size(target).Max));
            case "cidr" or "isIP" or "isCIDR" or "quantity" or "isQuantity" or "semver" or "isSemver" when a.Length >= 1:
                return new(Size(a[0]).Scale(CelCosts.StringFactor));
            case "sets.contains" or "sets.intersects" when a.Length == 2:
                return new(Size(a[0]).Multiply(Size(a[1])).Add(CelRange.Of(1)));
            case "sets.equivalent" when a.Length == 2:
                return new(Size(a[0]).Multiply(Size(a[1])).Scale(2).Add(CelRange.Of(1)));
            case "ip":
                return new(overload == "cidr_ip" || a.Length == 0 ? CelRange.Of(1) : Size(a[0]).Scale(CelCosts.StringFactor));
            case "ip.isCanonical" when a.Length >= 1:
                return new(Size(a[0]).Scale(2 * CelCosts.StringFactor));
            case "containsIP" when target is not null && a.Length >= 1:
                return new(Compared(overload == "cidr_contains_ip_string", Size(a[0])));
            case "containsCIDR" when target is not null && a.Length >= 1:
                return new(Compared(overload == "cidr_contains_cidr_string", Size(a[0])).Add(Address.Scale(CelCosts.StringFactor)).Add(CelRange.Of(1)));
            case "validate" when target is not null:
                return new(Size(a[0]).Scale(CelCosts.StringFactor).Scale(MaxFormatPattern * CelCosts.PatternFactor));
            case CelOperators.Equal when a.Length == 2 && a[0].Type.Equals(a[1].Type):
                return Equality(a[0].Type, a[1].Size);
            default:
                return CelCosts.Nominal.Contains(function) ? new(CelRange.Of(1)) : null;
        }
    }

    private static CallCost? OfExtendedLists(CelCostEstimator estimator, string overload, CostOperand? target, CostOperand[] a)
    {
        var size = target is null ? default : estimator.SizeOf(target);
        switch (overload)
        {
            case "list_slice":
                return NewList(1, CelRange.Of(unchecked(Number(a[1], size.Max) - Number(a[0], 0))));
            case "lists_range":
                return NewList(1, CelRange.Of(Number(a[0], ulong.MaxValue)));
            case "list_reverse" or "list_flatten":
                return NewList(1, size);
            case "list_flatten_int":
                return NewList(Number(a[0], ulong.MaxValue), size);
            case "list_distinct":
                return NewList(2, size.Multiply(size));
        }

        if (!CelCosts.IsSort(overload) && !CelCosts.IsSortByKeys(overload))
        {
            return null;
        }

        var keys = CelCosts.IsSort(overload) ? target! : a[0];
        var isText = overload.StartsWith("list_string_", StringComparison.Ordinal) || overload.StartsWith("list_bytes_", StringComparison.Ordinal);
        return NewList(CelCosts.PairFactor(isText), estimator.SizeOf(keys).Multiply(estimator.SizeOf(keys)));
    }

    private static CallCost NewList(double factor, CelRange size) => new(size.Scale(factor).Add(CelRange.Of(CelCosts.NewListCall)), size);

    private static ulong Number(CostOperand operand, ulong unknown) => operand.Tree is ConstantExpr { Value: CelInt { Value: >= 0 } number } ? (ulong)number.Value : unknown;

    private static CallCost Traverse(CelCostEstimator estimator, CostOperand target)
    {
        var size = estimator.SizeOf(target);
        if (CelCostEstimator.Elements(target) is not { } element)
        {
            return new(size.Scale(CelCosts.StringFactor));
        }

        var each = CelRange.Of(1);
        if (element.Type.Kind is CelKind.String or CelKind.Bytes)
        {
            each = each.Add(estimator.SizeOf(element).Scale(CelCosts.StringFactor));
        }

        return new(size.Multiply(each));
    }

    /// <summary>The longest result replaces the shortest pieces by the longest text, the shortest the other way round.</summary>
    private static CelRange Replaced(CelRange size, CelRange old, CelRange with)
    {
        CelRange count = default, kept = default;
        if (old.Min == 0)
        {
            count = count with { Max = size.Max < ulong.MaxValue ? size.Max + 1 : size.Max };
            kept = kept with { Max = size.Max };
        }
        else if (with.Max <= old.Min)
        {
            kept = kept with { Max = size.Max };
        }
        else
        {
            count = count with { Max = Ceiling(size.Max, old.Min) };
        }

        if (old.Max == 0)
        {
            count = count with { Min = size.Min < ulong.MaxValue ? size.Min + 1 : size.Min };
            kept = kept with { Min = size.Min };
        }
        else if (old.Max <= with.Min)
        {
            kept = kept with { Min = size.Min };
        }
        else
        {
            count = count with { Min = Ceiling(size.Min, old.Max) };
        }

        return count.Multiply(with).Add(kept);
    }

    private static ulong Ceiling(ulong size, ulong part)
    {
        var quotient = Math.Ceiling((double)size / part);
        return quotient >= 18446744073709551616.0 ? ulong.MaxValue : (ulong)quotient;
    }

    private static CelRange Joined(CelCostEstimator estimator, CostOperand list, CostOperand[] a)
    {
        var count = estimator.SizeOf(list);
        var size = CelCostEstimator.Elements(list) is { } element ? count.Multiply(estimator.SizeOf(element)) : default;
        if (a.Length == 0)
        {
            return size;
        }

        var between = new CelRange(count.Min > 0 ? count.Min - 1 : 0, count.Max > 0 ? count.Max - 1 : 0);
        return size.Add(estimator.SizeOf(a[0]).Multiply(between));
    }

    private static CelRange Compared(bool isText, CelRange text)
    {
        var cost = Address.Add(Address).Scale(CelCosts.StringFactor);
        return isText ? cost.Add(text.Scale(CelCosts.StringFactor)) : cost;
    }

    private static CallCost? Equality(CelType type, CelRange? right)
    {
        switch (type.Name)
        {
            case "net.IP" or "net.CIDR" or "kubernetes.Quantity" or "kubernetes.Semver" or "kubernetes.authorization.Authorizer" or "kubernetes.authorization.PathCheck"
                or "kubernetes.authorization.GroupCheck" or "kubernetes.authorization.ResourceCheck" or "kubernetes.authorization.Decision":
                return new(CelRange.Of(1));
            case "kubernetes.NamedFormat":
                return new(new CelRange(1, MaxFormatName).Scale(CelCosts.StringFactor));
            case "kubernetes.URL":
                return new(new CelRange(1, right?.Max ?? 1).Scale(CelCosts.StringFactor));
            default:
                return null;
        }
    }
}
