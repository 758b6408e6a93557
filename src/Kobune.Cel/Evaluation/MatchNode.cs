using System.Text.RegularExpressions;
using Kobune.Cel.Costs;
using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

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
