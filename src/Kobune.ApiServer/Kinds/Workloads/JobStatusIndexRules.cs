using Kobune.Api.Batch.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>The indexes in a job's status: well formed, below the completions, and none both completed and failed. Source: pkg/apis/batch/validation, validateJobStatus.</summary>
internal static class JobStatusIndexRules
{
    public static void Validate(Job job, JobStatus before, FieldErrors errors)
    {
        var now = job.Status;
        var (completedChanged, failedChanged) = (now.CompletedIndexes != before.CompletedIndexes, now.FailedIndexes != before.FailedIndexes);
        var completions = job.Spec.Completions;
        if (completedChanged && completions is { } count)
        {
            Format("completedIndexes", now.CompletedIndexes, count, errors);
        }

        if (failedChanged && completions is { } total && job.Spec.BackoffLimitPerIndex is not null)
        {
            Format("failedIndexes", now.FailedIndexes ?? "", total, errors);
        }

        if (completedChanged && now.CompletedIndexes.Length > 0 && job.Spec.CompletionMode != "Indexed")
        {
            errors.Invalid("status.completedIndexes", now.CompletedIndexes, "cannot set non-empty completedIndexes when non-indexed completion mode");
        }

        if (failedChanged && now.FailedIndexes is not null && job.Spec.BackoffLimitPerIndex is null)
        {
            errors.Invalid("status.failedIndexes", now.FailedIndexes, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        }

        if ((completedChanged || failedChanged) && completions is { } all && now.FailedIndexes is { } failed && JobIndexes.FirstCommon(now.CompletedIndexes, failed, all) is { } common)
        {
            errors.Invalid("status.failedIndexes", failed, $"failedIndexes and completedIndexes overlap at index: {common}");
        }
    }

    private static void Format(string field, string text, int completions, FieldErrors errors)
    {
        JobIndexes.Count(text, completions, out var problem);
        if (problem is not null)
        {
            errors.Invalid("status." + field, text, $"error parsing {field}: {problem}");
        }
    }
}
