using Kobune.Cel.Libraries;
using Kobune.Cel.Syntax;
using Kobune.Cel.Values;

namespace Kobune.Cel.Checking;

/// <summary>Constants that could never be read are refused when an expression is compiled (cel-go's AST validators, in Kubernetes since 1.29).</summary>
internal sealed class CelLiteralValidator(CelIssueSink issues)
{
    public void Run(CelExpr root)
    {
        foreach (var call in CelTree.Descendants(root).OfType<CallExpr>())
        {
            var function = call.Resolved?.Name;
            if (function == "format" && call is { Target: ConstantExpr { Value: CelString format }, Arguments: [ListExpr list] })
            {
                Format(call, format.Value, list);
            }

            // The first argument, which of the global form of matches is the text and not the pattern.
            if (call.Arguments is [ConstantExpr literal, ..] && IsInvalid(function, literal.Value))
            {
                issues.Add(literal.Position, $"invalid {function} argument");
            }
        }
    }

    private static bool IsInvalid(string? function, CelValue value) => (function, value) switch
    {
        ("duration", CelString text) => CelDuration.Parse(text.Value) is null,
        ("timestamp", CelString text) => CelTimestamp.Parse(text.Value) is null,
        ("timestamp", CelInt seconds) => CelTimestamp.Of(seconds.Value, 0) is null,
        ("matches", CelString text) => Re2Pattern.Compile(text.Value) is null,
        _ => false,
    };

    private void Format(CallExpr call, string format, ListExpr list)
    {
        var (clauses, problem) = StringFormat.Clauses(format, list.Elements.Count);
        for (var i = 0; i < clauses.Count; i++)
        {
            if (StringFormat.Misfit(clauses[i], list.Elements[i].Type) is { } misfit)
            {
                issues.Add(list.Elements[i].Position, misfit);
                return;
            }
        }

        problem ??= clauses.Count < list.Elements.Count ? $"too many arguments supplied to string.format (expected {clauses.Count}, got {list.Elements.Count})" : null;
        if (problem is not null)
        {
            issues.Add(call.Position, problem);
        }
    }
}
