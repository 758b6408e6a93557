using Kobune.Api.Batch.V1;

namespace Kobune.ControllerManager.Jobs;

/// <summary>Whether a Job's success policy is met. Source: pkg/controller/job/success_policy.go.</summary>
internal static class JobSuccess
{
    /// <summary>The message that names the first rule that is met; null when none is.</summary>
    public static string? Match(SuccessPolicy? policy, IndexSet succeeded, int completions)
    {
        for (var i = 0; i < (succeeded.Count == 0 ? 0 : policy?.Rules.Count ?? 0); i++)
        {
            if (IsMet(policy!.Rules[i], succeeded, completions))
            {
                return $"Matched rules at index {i}";
            }
        }

        return null;
    }

    private static bool IsMet(SuccessPolicyRule rule, IndexSet succeeded, int completions)
    {
        if (rule.SucceededIndexes is null)
        {
            return succeeded.Count >= rule.SucceededCount;
        }

        var required = IndexSet.Parse(rule.SucceededIndexes, completions);
        var common = required.CountCommon(succeeded);
        return required.Count > 0 && (common == required.Count || common >= rule.SucceededCount);
    }
}
