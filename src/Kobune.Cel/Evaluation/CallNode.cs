using Kobune.Cel.Costs;
using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

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
