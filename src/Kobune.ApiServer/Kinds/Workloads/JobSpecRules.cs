using Kobune.Api.Batch.V1;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>The spec of a job, or of a cron job's template. Source: pkg/apis/batch/validation, validateJobSpec.</summary>
internal static class JobSpecRules
{
    private const int MaxIndexed = 100_000;
    private const int MaxOfHuge = 10_000;
    private const int MaxManagedBy = 63;

    public static void Validate(JobSpec spec, string path, PodTolerance tolerance, FieldErrors errors)
    {
        errors.NonNegative(path + ".parallelism", spec.Parallelism);
        errors.NonNegative(path + ".completions", spec.Completions);
        errors.NonNegative(path + ".activeDeadlineSeconds", spec.ActiveDeadlineSeconds);
        errors.NonNegative(path + ".backoffLimit", spec.BackoffLimit);
        errors.NonNegative(path + ".ttlSecondsAfterFinished", spec.TTLSecondsAfterFinished);
        errors.NonNegative(path + ".backoffLimitPerIndex", spec.BackoffLimitPerIndex);
        errors.NonNegative(path + ".maxFailedIndexes", spec.MaxFailedIndexes);
        if (spec is { MaxFailedIndexes: not null, BackoffLimitPerIndex: null })
        {
            errors.Required(path + ".backoffLimitPerIndex", "when maxFailedIndexes is specified");
        }

        ManagedBy(spec.ManagedBy, path + ".managedBy", errors);
        Mode(spec, path, errors);
        if (spec.PodFailurePolicy is not null)
        {
            JobPolicyRules.PodFailure(spec, path + ".podFailurePolicy", errors);
        }

        if (spec.SuccessPolicy is not null)
        {
            JobPolicyRules.Success(spec, path + ".successPolicy", errors);
        }

        if (spec.PodReplacementPolicy is { } replacement)
        {
            string[] supported = spec.PodFailurePolicy is null ? ["Failed", "TerminatingOrFailed"] : ["Failed"];
            if (!supported.Contains(replacement))
            {
                errors.NotSupported(path + ".podReplacementPolicy", replacement, supported);
            }
        }

        TemplateRules.ValidateTemplate(spec.Template, path + ".template", tolerance, errors);
        RestartPolicy(spec, path + ".template.spec.restartPolicy", errors);
    }

    private static void Mode(JobSpec spec, string path, FieldErrors errors)
    {
        if (spec.CompletionMode == "Indexed")
        {
            Indexed(spec, path, errors);
            return;
        }

        if (spec.CompletionMode is not (null or "NonIndexed"))
        {
            errors.NotSupported(path + ".completionMode", spec.CompletionMode, ["NonIndexed", "Indexed"]);
            return;
        }

        const string needsIndexes = "requires indexed completion mode";
        if (spec.BackoffLimitPerIndex is { } limit)
        {
            errors.Invalid(path + ".backoffLimitPerIndex", limit, needsIndexes);
        }

        if (spec.MaxFailedIndexes is { } failed)
        {
            errors.Invalid(path + ".maxFailedIndexes", failed, needsIndexes);
        }
    }

    private static void Indexed(JobSpec spec, string path, FieldErrors errors)
    {
        if (spec.Completions is null)
        {
            errors.Required(path + ".completions", "when completion mode is Indexed");
        }

        AtMost(path + ".parallelism", spec.Parallelism, MaxIndexed, " when completion mode is Indexed", errors);
        if (spec.MaxFailedIndexes > spec.Completions)
        {
            errors.Invalid(path + ".maxFailedIndexes", spec.MaxFailedIndexes, "must be less than or equal to completions");
        }

        AtMost(path + ".maxFailedIndexes", spec.MaxFailedIndexes, MaxIndexed, "", errors);
        if (spec.Completions > MaxIndexed && spec.BackoffLimitPerIndex is not null)
        {
            const string huge = " when completions are above 100000 and used with backoff limit per index";
            if (spec.MaxFailedIndexes is null)
            {
                errors.Required(path + ".maxFailedIndexes", "must be specified when completions is above 100000");
            }

            AtMost(path + ".parallelism", spec.Parallelism, MaxOfHuge, huge, errors);
            AtMost(path + ".maxFailedIndexes", spec.MaxFailedIndexes, MaxOfHuge, huge, errors);
        }
    }

    private static void AtMost(string path, int? value, int max, string when, FieldErrors errors)
    {
        if (value > max)
        {
            errors.Invalid(path, value, $"must be less than or equal to {max}{when}");
        }
    }

    private static void ManagedBy(string? manager, string path, FieldErrors errors)
    {
        if (manager is null)
        {
            return;
        }

        errors.DomainPath(path, manager);
        if (manager.Length > MaxManagedBy)
        {
            errors.TooLong(path, MaxManagedBy);
        }
    }

    private static void RestartPolicy(JobSpec spec, string path, FieldErrors errors)
    {
        var policy = spec.Template.Spec.RestartPolicy;
        if (policy is "" or "Always")
        {
            errors.Required(path, "valid values: \"OnFailure\", \"Never\"");
        }
        else if (policy is not ("OnFailure" or "Never"))
        {
            errors.NotSupported(path, policy, ["OnFailure", "Never"]);
        }
        else if (spec.PodFailurePolicy is not null && policy != "Never")
        {
            errors.Invalid(path, policy, "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }
}
