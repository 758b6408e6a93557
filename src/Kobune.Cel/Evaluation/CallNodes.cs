using System.Text.RegularExpressions;
using Kobune.Cel.Costs;
using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>An operator of one or two operands, by their values at run time.</summary>
internal sealed class OperatorNode(string function, string overload, CelNode left, CelNode? right, Func<CelValue, CelValue, CelValue> body) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var a = left.Evaluate(frame);
        var b = right is null ? a : right.Evaluate(frame);
        var result = a.IsError ? a : b.IsError ? b : body(a, b);
        frame.Charge(right is null ? 1 : CelRuntimeCost.Of(function, overload, [a, b], result));
        return result;
    }
}

/// <summary>@not_strictly_false: an error does not end a quantifier.</summary>
internal sealed class NotStrictlyFalseNode(CelNode operand) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var value = operand.Evaluate(frame);
        frame.Charge(1);
        return value is CelBool ? value : CelBool.True;
    }
}

/// <summary>Whether a value is one of constants.</summary>
internal sealed class MembershipNode(CelNode operand, HashSet<CelValue> members) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var value = operand.Evaluate(frame);
        return value.IsError ? value : CelBool.Of(members.Contains(value));
    }
}

/// <summary>A call of a function; where types were not known, the overload is chosen by the values.</summary>
internal sealed class CallNode(string function, IReadOnlyList<CelOverload> overloads, CelNode[] arguments) : CelNode
{
    private readonly string _overload = overloads.Count == 1 ? overloads[0].Id : "";

    public override CelValue Evaluate(CelFrame frame)
    {
        var values = arguments.Length == 0 ? [] : new CelValue[arguments.Length];
        CelValue? failure = null;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Evaluate(frame);
            failure ??= values[i].IsError ? values[i] : null;
            if (failure is not null && values.Length > 2)
            {
                return failure;
            }
        }

        var result = failure ?? Invoke(values);
        frame.Charge(CelRuntimeCost.Of(function, _overload, values, result));
        return result;
    }

    private CelValue Invoke(CelValue[] values)
    {
        foreach (var overload in overloads)
        {
            if (overload.Accepts(values))
            {
                return overload.Body(values);
            }
        }

        return CelError.OverloadFor(function, values);
    }
}

/// <summary>matches() with a constant pattern, which is compiled once.</summary>
internal sealed class MatchNode(string overload, CelNode text, CelString pattern, Regex regex) : CelNode
{
    public override CelValue Evaluate(CelFrame frame)
    {
        var value = text.Evaluate(frame);
        CelValue result = value switch
        {
            CelString s => CelBool.Of(regex.IsMatch(s.Value)),
            CelError => value,
            _ => CelError.OverloadFor("matches", [value, pattern]),
        };
        frame.Charge(CelRuntimeCost.Of("matches", overload, [value, pattern], result));
        return result;
    }
}
