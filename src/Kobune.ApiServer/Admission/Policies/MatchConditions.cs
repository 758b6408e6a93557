namespace Kobune.ApiServer.Admission.Policies;

/// <summary>Whether conditions are all true. Source: k8s.io/apiserver, admission/plugin/webhook/matchconditions/matcher.go.</summary>
internal static class MatchConditions
{
    /// <summary>One that is false wins over one that fails; an exhausted budget fails all.</summary>
    public static (bool IsMatch, string? Error) Evaluate(IEnumerable<PolicyExpression> conditions, ExpressionRun run)
    {
        var errors = new List<string>();
        try
        {
            foreach (var condition in conditions)
            {
                var outcome = run.Evaluate(condition);
                if (outcome.Error is { } error)
                {
                    errors.Add(error);
                }
                else if (outcome.Value is Cel.Values.CelBool { Value: false })
                {
                    return (false, null);
                }
            }
        }
        catch (BudgetExceededException e)
        {
            return (false, e.Message);
        }

        return errors.Distinct().ToArray() switch
        {
            [] => (true, null),
            [var only] => (false, only),
            var several => (false, $"[{string.Join(", ", several)}]"),
        };
    }
}
