using Kobune.Api.Batch.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>A job's policies of failure and of success. Source: pkg/apis/batch/validation, validatePodFailurePolicy and validateSuccessPolicy.</summary>
internal static class JobPolicyRules
{
    private const int MaxRules = 20;
    private const int MaxPatterns = 20;
    private const int MaxExitCodes = 255;
    private const int MaxIndexesLength = 64 * 1024;
    private static readonly string[] Actions = ["Count", "FailIndex", "FailJob", "Ignore"];
    private static readonly string[] Operators = ["In", "NotIn"];
    private static readonly string[] Statuses = ["False", "True", "Unknown"];

    public static void PodFailure(JobSpec spec, string path, FieldErrors errors)
    {
        var rules = spec.PodFailurePolicy!.Rules;
        TooMany(path + ".rules", rules.Count, MaxRules, errors);
        for (var i = 0; i < rules.Count; i++)
        {
            PodFailureRule(spec, rules[i], $"{path}.rules[{i}]", errors);
        }
    }

    public static void Success(JobSpec spec, string path, FieldErrors errors)
    {
        if (spec.CompletionMode != "Indexed")
        {
            errors.Invalid(path, spec.SuccessPolicy, "requires indexed completion mode");
            return;
        }

        var rules = spec.SuccessPolicy!.Rules;
        if (rules.Count == 0)
        {
            errors.Required(path + ".rules", "at least one rules must be specified when the successPolicy is specified");
        }

        TooMany(path + ".rules", rules.Count, MaxRules, errors);
        for (var i = 0; i < rules.Count; i++)
        {
            SuccessRule(spec.Completions ?? 0, rules[i], $"{path}.rules[{i}]", errors);
        }
    }

    private static void PodFailureRule(JobSpec spec, PodFailurePolicyRule rule, string path, FieldErrors errors)
    {
        Known(path + ".action", rule.Action, Actions, errors);
        if (rule.Action == PodFailurePolicyAction.FailIndex && spec.BackoffLimitPerIndex is null)
        {
            errors.Invalid(path + ".action", rule.Action, "requires the backoffLimitPerIndex to be set");
        }

        if (rule.OnExitCodes is { } codes)
        {
            ExitCodes(spec, codes, path + ".onExitCodes", errors);
        }

        TooMany(path + ".onPodConditions", rule.OnPodConditions.Count, MaxPatterns, errors);
        for (var i = 0; i < rule.OnPodConditions.Count; i++)
        {
            var (pattern, patternPath) = (rule.OnPodConditions[i], $"{path}.onPodConditions[{i}]");
            errors.Names(patternPath + ".type", pattern.Type, NameValidation.QualifiedName(pattern.Type));
            Known(patternPath + ".status", pattern.Status, Statuses, errors);
        }

        if (rule.OnExitCodes is not null == rule.OnPodConditions.Count > 0)
        {
            var what = rule.OnExitCodes is null ? "specifying one of OnExitCodes and OnPodConditions is required" : "specifying both OnExitCodes and OnPodConditions is not supported";
            errors.Add("FieldValueInvalid", path, "Invalid value: " + what);
        }
    }

    private static void ExitCodes(JobSpec spec, PodFailurePolicyOnExitCodesRequirement codes, string path, FieldErrors errors)
    {
        Known(path + ".operator", codes.Operator, Operators, errors);
        if (codes.ContainerName is { } name && !spec.Template.Spec.Containers.Concat(spec.Template.Spec.InitContainers).Any(c => c.Name == name))
        {
            errors.Invalid(path + ".containerName", name, "must be one of the container or initContainer names in the pod template");
        }

        var (values, shown) = (codes.Values, $"Invalid value: [{string.Join(",", codes.Values)}]: ");
        if (values.Count == 0)
        {
            errors.Add("FieldValueInvalid", path + ".values", shown + "at least one value is required");
        }

        TooMany(path + ".values", values.Count, MaxExitCodes, errors);
        for (var i = 0; i < values.Count; i++)
        {
            if (codes.Operator == PodFailurePolicyOnExitCodesOperator.In && values[i] == 0)
            {
                errors.Invalid($"{path}.values[{i}]", 0, "must not be 0 for the In operator");
            }

            if (values.Take(i).Contains(values[i]))
            {
                errors.Duplicate($"{path}.values[{i}]", values[i]);
            }
        }

        if (values.Zip(values.Skip(1)).Any(pair => pair.First > pair.Second))
        {
            errors.Add("FieldValueInvalid", path + ".values", shown + "must be ordered");
        }
    }

    private static void SuccessRule(int completions, SuccessPolicyRule rule, string path, FieldErrors errors)
    {
        if (rule is { SucceededCount: null, SucceededIndexes: null })
        {
            errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
        }

        var named = 0;
        if (rule.SucceededIndexes is { } indexes)
        {
            if (indexes.Length > MaxIndexesLength)
            {
                errors.TooLong(path + ".succeededIndexes", MaxIndexesLength);
            }

            named = JobIndexes.Count(indexes, completions, out var problem);
            if (problem is not null)
            {
                errors.Invalid(path + ".succeededIndexes", indexes, "error parsing succeededIndexes: " + problem);
            }
        }

        errors.NonNegative(path + ".succeededCount", rule.SucceededCount);
        if (rule.SucceededCount > completions)
        {
            errors.Invalid(path + ".succeededCount", rule.SucceededCount, $"must be less than or equal to {completions} (the number of specified completions)");
        }

        if (rule.SucceededIndexes is not null && rule.SucceededCount > named)
        {
            errors.Invalid(path + ".succeededCount", rule.SucceededCount, $"must be less than or equal to {named} (the number of indexes in the specified succeededIndexes field)");
        }
    }

    private static void Known(string path, string value, string[] supported, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required(path, $"valid values: [{string.Join(" ", supported.Select(s => $"\"{s}\""))}]");
        }
        else if (!supported.Contains(value))
        {
            errors.NotSupported(path, value, supported);
        }
    }

    private static void TooMany(string path, int count, int max, FieldErrors errors)
    {
        if (count > max)
        {
            errors.TooMany(path, count, max);
        }
    }
}
