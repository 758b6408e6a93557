using System.Runtime.CompilerServices;
using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Costs;

/// <summary>Estimates before anything is evaluated (cel-go's checker/cost.go). Changing a number here changes which rules a CRD may have.</summary>
internal sealed class CelCostEstimator(ICelSizes sizes)
{
    private sealed record Local(CelExpr Source, IReadOnlyList<string> Path, CelRange? Size, EntrySizes? Entries);

    private readonly Dictionary<CelExpr, IReadOnlyList<string>> _paths = new(ReferenceComparer.Instance);
    private readonly Dictionary<CelExpr, CelRange> _sizes = new(ReferenceComparer.Instance);
    private readonly Dictionary<CelExpr, EntrySizes> _entries = new(ReferenceComparer.Instance);
    private readonly List<(string Name, Local Local)> _locals = [];

    public CelRange Estimate(CelExpr root) => Cost(root);

    internal CelRange SizeOf(CostOperand operand) => operand.Size ?? sizes.Find(operand.Path, operand.Type) ?? CelRange.Unknown;

    /// <summary>The elements of a list as an operand; null for what has no elements.</summary>
    internal static CostOperand? Elements(CostOperand list) => list.Type.Parameters.Count == 0
        ? null
        : new(list.Type.Parameters[0], list.Path.Count == 0 ? [] : [.. list.Path, "@items"], null, null);

    private CelRange Cost(CelExpr node)
    {
        switch (node)
        {
            case ConstantExpr:
                return default;
            case IdentExpr ident:
                return Ident(node, ident.Name);
            case SelectExpr { Qualified: { } qualified }:
                return Ident(node, qualified.Name);
            case SelectExpr { IsTest: true } select:
                return Cost(select.Operand);
            case SelectExpr select:
                return Select(select);
            case CallExpr call:
                return Call(call);
            case ListExpr list:
                return List(list);
            case MapExpr map:
                return Map(map);
            case StructExpr made:
                return made.Fields.Aggregate(CelRange.Of(CelCosts.StructBase), (sum, f) => sum.Add(Cost(f.Value)));
            default:
                var fold = (ComprehensionExpr)node;
                return fold.IsBinding ? Binding(fold) : Fold(fold);
        }
    }

    private CelRange Ident(CelExpr node, string name)
    {
        _paths[node] = Find(name) is { } local ? local.Path : [name];
        return CelRange.Of(1);
    }

    private CelRange Select(SelectExpr select)
    {
        var sum = Cost(select.Operand);
        if (select.Operand.Type.Kind is CelKind.Map or CelKind.Struct or CelKind.Parameter)
        {
            sum = sum.Add(CelRange.Of(1));
        }

        _paths[select] = [.. Path(select.Operand), select.Field];
        return sum;
    }

    private CelRange Call(CallExpr call)
    {
        if (call.Resolved?.Name == "dyn")
        {
            var inner = Cost(call.Arguments[0]);
            Copy(call, call.Arguments[0]);
            return inner.Add(CelRange.Of(1));
        }

        CelRange[] costs = [.. call.Arguments.Select(Cost)];
        CostOperand[] operands = [.. call.Arguments.Select(Operand)];
        var sum = call.IsMember ? Cost(call.Target!) : default;
        var target = call.IsMember ? Operand(call.Target!) : null;
        var cost = new CelRange(ulong.MaxValue, 0);
        CelRange? size = null;
        foreach (var overload in call.Overloads)
        {
            var (one, result) = Function(call, overload.Id, target, operands, costs);
            cost = cost.Union(one);
            size = size is { } known && result is { } other ? known.Union(other) : size ?? result;
            if (overload.Id is "index_list" or "index_map")
            {
                size = Entries(call.Arguments[0])?.Value;
                _paths[call] = [.. Path(call.Arguments[0]), overload.Id == "index_list" ? "@items" : "@values"];
            }

            size ??= Size(call);
        }

        if (size is { } computed)
        {
            _sizes[call] = computed;
        }

        return sum.Add(cost);
    }

    private CallCost Function(CallExpr call, string overload, CostOperand? target, CostOperand[] operands, CelRange[] costs)
    {
        var sum = costs.Aggregate(default(CelRange), (a, b) => a.Add(b));
        if (CelLibraryCost.Of(this, call.Resolved!.Name, overload, target, operands) is { } library)
        {
            return library with { Cost = library.Cost.Add(sum) };
        }

        switch (overload)
        {
            case "logical_or" or "logical_and":
                return new(new(costs[0].Min, costs[0].Add(costs[1]).Max));
            case "conditional":
                if (Entries(call.Arguments[1]) is { } yes && Entries(call.Arguments[2]) is { } no)
                {
                    _entries[call] = yes.Union(no);
                }

                return new(costs[0].Add(costs[1].Union(costs[2])), Known(operands[1]).Union(Known(operands[2])));
            case "add_string" or "add_bytes" or "add_list":
                if (Entries(call.Arguments[0]) is { } left && Entries(call.Arguments[1]) is { } right)
                {
                    _entries[call] = left.Union(right);
                }

                break;
        }

        var cost = CelLanguageCost.Of(overload, target is null ? null : Known(target), Array.ConvertAll(operands, Known));
        return cost with { Cost = cost.Cost.Add(sum) };
    }

    private CelRange List(ListExpr list)
    {
        var sum = CelRange.Of(CelCosts.ListBase);
        var element = new CelRange(list.Elements.Count == 0 ? 0 : ulong.MaxValue, 0);
        foreach (var item in list.Elements)
        {
            sum = sum.Add(Cost(item));
            element = element.Union(Size(item) ?? CelRange.Unknown);
        }

        _entries[list] = new(true, CelRange.Of(1), element);
        return sum;
    }

    private CelRange Map(MapExpr map)
    {
        var sum = CelRange.Of(CelCosts.MapBase);
        var start = map.Entries.Count == 0 ? 0 : ulong.MaxValue;
        CelRange key = new(start, 0), value = new(start, 0);
        foreach (var entry in map.Entries)
        {
            sum = sum.Add(Cost(entry.Key)).Add(Cost(entry.Value));
            key = key.Union(Size(entry.Key) ?? CelRange.Unknown);
            value = value.Union(Size(entry.Value) ?? CelRange.Unknown);
        }

        _entries[map] = new(false, key, value);
        return sum;
    }

    private CelRange Fold(ComprehensionExpr fold)
    {
        var sum = Cost(fold.Range).Add(Cost(fold.Initial));
        var scope = _locals.Count;
        Push(fold.Accumulator, new(fold.Initial, Path(fold.Initial), Size(fold.Initial), Entries(fold.Initial)));
        PushVariables(fold);
        var condition = Cost(fold.Condition);
        var step = Cost(fold.Step);
        _locals.RemoveRange(scope + 1, _locals.Count - scope - 1);
        sum = sum.Add(Cost(fold.Result));
        _locals.RemoveAt(scope);
        var count = Size(fold.Range) ?? CelRange.Unknown;
        sum = sum.Add(count.Multiply(step.Add(condition)));
        switch (fold.Initial)
        {
            case ConstantExpr when Size(fold.Initial) is { } size:
                _sizes[fold] = size;
                break;
            case ListExpr or MapExpr:
                _sizes[fold] = count;
                if (Entries(fold.Step) is { } entries)
                {
                    _entries[fold] = entries;
                }

                break;
        }

        return sum;
    }

    private void PushVariables(ComprehensionExpr fold)
    {
        var entries = Entries(fold.Range);
        var isList = entries?.IsList ?? (fold.Range.Type.Kind == CelKind.List);
        var path = Path(fold.Range);
        if (fold.Variable2 is { } second)
        {
            Push(fold.Variable, new(fold.Range, [.. path, isList ? "@indices" : "@keys"], entries?.Key, null));
            Push(second, new(fold.Range, [.. path, isList ? "@items" : "@values"], entries?.Value, null));
        }
        else
        {
            Push(fold.Variable, new(fold.Range, [.. path, isList ? "@items" : "@keys"], isList ? entries?.Value : entries?.Key, null));
        }
    }

    private CelRange Binding(ComprehensionExpr fold)
    {
        var sum = Cost(fold.Range).Add(Cost(fold.Initial));
        Push(fold.Accumulator, new(fold.Initial, Path(fold.Initial), Size(fold.Initial), Entries(fold.Initial)));
        sum = sum.Add(Cost(fold.Result));
        _locals.RemoveAt(_locals.Count - 1);
        Copy(fold, fold.Result);
        return sum;
    }

    private void Push(string name, Local local) => _locals.Add((name, local));

    private Local? Find(string name)
    {
        var index = _locals.FindLastIndex(l => l.Name == name);
        return index < 0 ? null : _locals[index].Local;
    }

    private IReadOnlyList<string> Path(CelExpr node) =>
        node is IdentExpr ident && Find(ident.Name) is { } local ? local.Path : _paths.GetValueOrDefault(node) ?? [];

    private CostOperand Operand(CelExpr node)
    {
        var path = Path(node);
        return new(node.Type, path is [CelMacros.Accumulator, ..] ? [] : path, Size(node), node);
    }

    private static CelRange Known(CostOperand operand) => operand.Size ?? CelRange.Unknown;

    private void Copy(CelExpr to, CelExpr from)
    {
        if (Size(from) is { } size)
        {
            _sizes[to] = size;
        }

        if (Entries(from) is { } entries)
        {
            _entries[to] = entries;
        }
    }

    private CelRange? Size(CelExpr node)
    {
        if (_sizes.TryGetValue(node, out var known))
        {
            return known;
        }

        if (Written(node) is { } written)
        {
            return written;
        }

        if (sizes.Find(Path(node), node.Type) is { } declared)
        {
            _sizes[node] = declared;
            return declared;
        }

        return IsScalar(node.Type) ? CelRange.Of(1) : node is IdentExpr ident ? Find(ident.Name)?.Size : null;
    }

    private static CelRange? Written(CelExpr node) => node switch
    {
        ConstantExpr { Value: CelString or CelBytes } constant => CelRange.Of((ulong)constant.Value.Size!.Value),
        ConstantExpr => CelRange.Of(1),
        ListExpr list => CelRange.Of((ulong)list.Elements.Count),
        MapExpr map => CelRange.Of((ulong)map.Entries.Count),
        _ => null,
    };

    private EntrySizes? Entries(CelExpr node) =>
        _entries.TryGetValue(node, out var entries) ? entries : node is IdentExpr ident ? Find(ident.Name)?.Entries : null;

    private static bool IsScalar(CelType type) => type.Kind switch
    {
        CelKind.Bool or CelKind.Double or CelKind.Duration or CelKind.Int or CelKind.Timestamp or CelKind.Uint => true,
        CelKind.Opaque => type.IsOptional && IsScalar(type.Parameters[0]),
        _ => false,
    };

    private sealed class ReferenceComparer : IEqualityComparer<CelExpr>
    {
        public static readonly ReferenceComparer Instance = new();

        public bool Equals(CelExpr? x, CelExpr? y) => ReferenceEquals(x, y);

        public int GetHashCode(CelExpr obj) => RuntimeHelpers.GetHashCode(obj);
    }
}
