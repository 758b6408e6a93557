using Kobune.Api.Batch.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>
/// A job's status moves one way, whoever writes it: counters rise, an end is final. A rule speaks only when what it is about has changed.
/// Source: pkg/apis/batch/validation, ValidateJobStatusUpdate, with the options of pkg/registry/batch/job.
/// </summary>
internal static class JobStatusRules
{
    private const string Conditions = "status.conditions";

    public static void Validate(Job job, Job old, FieldErrors errors)
    {
        var (now, before) = (job.Status, old.Status);
        Counts(job, now, before, errors);
        Uncounted(now.UncountedTerminatedPods, errors);
        Ends(job, now, before, errors);
        Times(job, now, before, errors);
        Indexes(job, now, before, errors);
    }

    private static bool Is(JobStatus status, string condition) => status.Conditions.Any(c => c.Type == condition && c.Status == "True");

    private static bool IsFinished(JobStatus status) => Is(status, JobConditionType.Complete) || Is(status, JobConditionType.Failed);

    private static void Counts(Job job, JobStatus now, JobStatus before, FieldErrors errors)
    {
        errors.NonNegative("status.active", now.Active);
        errors.NonNegative("status.succeeded", now.Succeeded);
        errors.NonNegative("status.failed", now.Failed);
        errors.NonNegative("status.ready", now.Ready);
        errors.NonNegative("status.terminating", now.Terminating);
        if (now.Failed < before.Failed)
        {
            errors.Invalid("status.failed", now.Failed, "cannot decrease the failed counter");
        }

        // An elastic job that shrinks loses indexes.
        if (now.Succeeded < before.Succeeded && !(job.Spec.CompletionMode == "Indexed" && job.Spec.Completions == job.Spec.Parallelism))
        {
            errors.Invalid("status.succeeded", now.Succeeded, "cannot decrease the succeeded counter");
        }

        var isFinished = IsFinished(now);
        if (isFinished && now.Active > 0 && (!IsFinished(before) || now.Active != before.Active))
        {
            errors.Invalid("status.active", now.Active, "active>0 is invalid for finished job");
        }

        if (isFinished && now.Terminating > 0 && (!IsFinished(before) || now.Terminating != before.Terminating))
        {
            errors.Invalid("status.terminating", now.Terminating, "terminating>0 is invalid for finished job");
        }

        if (now.Ready > now.Active && (now.Ready != before.Ready || now.Active != before.Active))
        {
            errors.Invalid("status.ready", now.Ready, "cannot set more ready pods than active");
        }

        if (isFinished && now.UncountedTerminatedPods is { } uncounted && uncounted.Failed.Count + uncounted.Succeeded.Count > 0 && (!IsFinished(before) || uncounted != before.UncountedTerminatedPods))
        {
            errors.Invalid("status.uncountedTerminatedPods", uncounted, "uncountedTerminatedPods needs to be empty for finished job");
        }
    }

    private static void Uncounted(UncountedTerminatedPods? uncounted, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        foreach (var (uids, path) in uncounted is null ? [] : new[] { (uncounted.Succeeded, "succeeded"), (uncounted.Failed, "failed") })
        {
            for (var i = 0; i < uids.Count; i++)
            {
                var field = $"status.uncountedTerminatedPods.{path}[{i}]";
                if (uids[i].Length == 0)
                {
                    errors.Invalid(field, uids[i], "must not be empty");
                }
                else if (!seen.Add(uids[i]))
                {
                    errors.Duplicate(field, uids[i]);
                }
            }
        }
    }

    private static void Ends(Job job, JobStatus now, JobStatus before, FieldErrors errors)
    {
        var (complete, failed, target, met) = (Is(now, "Complete"), Is(now, "Failed"), Is(now, "FailureTarget"), Is(now, "SuccessCriteriaMet"));
        var (completeChanged, failedChanged, targetChanged) = (complete != Is(before, "Complete"), failed != Is(before, "Failed"), target != Is(before, "FailureTarget"));
        Refuse(complete && failed && (completeChanged || failedChanged), "cannot set Complete=True and Failed=true conditions");
        Refuse(complete && target && (completeChanged || targetChanged), "cannot set Complete=True and FailureTarget=true conditions");
        Refuse(failed && !target && failedChanged, "cannot set Failed=True condition without the FailureTarget=true condition");
        Refuse(complete && !met && completeChanged, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
        Refuse(met && failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
        Refuse(met && target, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        Refuse(job.Spec.SuccessPolicy is not null && complete && !met, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
        foreach (var end in new[] { JobConditionType.Failed, JobConditionType.Complete, JobConditionType.FailureTarget })
        {
            Refuse(Is(before, end) && !Is(now, end), $"cannot disable the terminal {end}=True condition");
        }

        Refuse(Is(before, "SuccessCriteriaMet") && !met, "cannot disable the SuccessCriteriaMet=True condition");
        Refuse(Is(before, "Complete") && !Is(before, "SuccessCriteriaMet") && met, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");

        void Refuse(bool isWrong, string detail)
        {
            if (isWrong)
            {
                errors.Add("FieldValueInvalid", Conditions, "Invalid value: " + detail);
            }
        }
    }

    private static void Times(Job job, JobStatus now, JobStatus before, FieldErrors errors)
    {
        var (complete, startChanged, endChanged) = (Is(now, "Complete"), now.StartTime != before.StartTime, now.CompletionTime != before.CompletionTime);
        var completeChanged = complete != Is(before, "Complete");
        if (now.CompletionTime is not null && !complete && (completeChanged || endChanged))
        {
            errors.Invalid("status.completionTime", Shown(now.CompletionTime), "cannot set completionTime when there is no Complete=True condition");
        }

        if (now.CompletionTime is null && complete && (completeChanged || endChanged))
        {
            errors.Required("status.completionTime", "completionTime is required for Complete jobs");
        }

        if (now.CompletionTime < now.StartTime && (startChanged || endChanged))
        {
            errors.Invalid("status.completionTime", Shown(now.CompletionTime), "completionTime cannot be set before startTime");
        }

        if (now.CompletionTime is not null && before.CompletionTime is not null && endChanged)
        {
            errors.Invalid("status.completionTime", Shown(now.CompletionTime), "completionTime cannot be mutated");
        }

        if (now.StartTime is null && IsFinished(now) && (!IsFinished(before) || startChanged))
        {
            errors.Required("status.startTime", "startTime is required for finished job");
        }

        // A job that is resumed starts anew.
        var resumes = Is(before, JobConditionType.Suspended) && now.StartTime is not null;
        if (before.StartTime is not null && startChanged && job.Spec.Suspend != true && !resumes)
        {
            errors.Required("status.startTime", "startTime cannot be removed for unsuspended job");
        }
    }

    private static string? Shown(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static void Indexes(Job job, JobStatus now, JobStatus before, FieldErrors errors)
    {
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
