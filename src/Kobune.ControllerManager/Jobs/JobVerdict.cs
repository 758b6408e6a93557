using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.Jobs;

/// <summary>
/// Whether a Job is to end, and how. The verdict stands in the status first as SuccessCriteriaMet or FailureTarget, while its pods go; Complete or
/// Failed with the same reason follows when none is left. Source: pkg/controller/job/job_controller.go, syncJob.
/// </summary>
internal static class JobVerdict
{
    /// <summary>SuccessCriteriaMet or FailureTarget, new or as it stands in the status; null when the Job goes on.</summary>
    public static JobCondition? Of(JobFacts facts, DateTimeOffset now)
    {
        var (job, status) = (facts.Job, facts.Job.Status);
        if (status.Has(JobConditionType.SuccessCriteriaMet))
        {
            return status.Condition(JobConditionType.SuccessCriteriaMet);
        }

        if (status.Has(JobConditionType.FailureTarget))
        {
            return status.Condition(JobConditionType.FailureTarget);
        }

        if (Failure(facts, now) is { } failure)
        {
            return JobConditions.New(JobConditionType.FailureTarget, "True", failure.Reason, failure.Message, now);
        }

        return job.IsIndexed() && JobSuccess.Match(job.Spec.SuccessPolicy, facts.Completed, job.Indexes()) is { } match
            ? JobConditions.New(JobConditionType.SuccessCriteriaMet, "True", "SuccessPolicy", match, now)
            : null;
    }

    /// <summary>SuccessCriteriaMet when enough pods have succeeded and none runs any more.</summary>
    /// <param name="active">Pods that run after this step.</param>
    public static JobCondition? Completion(JobFacts facts, int active, DateTimeOffset now)
    {
        // Without completions the first success is enough, and the other pods are let finish.
        var enough = facts.Job.Spec.Completions is { } wanted ? facts.Succeeded >= wanted : facts.Succeeded > 0;
        return enough && active == 0
            ? JobConditions.New(JobConditionType.SuccessCriteriaMet, "True", "CompletionsReached", "Reached expected number of succeeded pods", now)
            : null;
    }

    /// <summary>When activeDeadlineSeconds ends, from now; null without one, while the Job is suspended, and until it has started anew after that.</summary>
    public static TimeSpan? DeadlineIn(Job job, DateTimeOffset now) =>
        job.Spec.ActiveDeadlineSeconds is { } seconds && job.Status.StartTime is { } start && !job.IsSuspended() && !job.Status.Has(JobConditionType.Suspended)
            ? start + TimeSpan.FromSeconds(seconds) - now
            : null;

    private static (string Reason, string Message)? Failure(JobFacts facts, DateTimeOffset now)
    {
        var job = facts.Job;
        if (FailedByPolicy(facts) is { } message)
        {
            return ("PodFailurePolicy", message);
        }

        if (facts.Failed > job.Spec.BackoffLimit || RestartsReachLimit(facts))
        {
            return ("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }

        if (DeadlineIn(job, now) <= TimeSpan.Zero)
        {
            return ("DeadlineExceeded", "Job was active longer than specified deadline");
        }

        if (facts.FailedIndexes is not { Count: > 0 } failed)
        {
            return null;
        }

        return failed.Count > job.Spec.MaxFailedIndexes ? ("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")
            : failed.Count + facts.Completed.Count >= job.Indexes() ? ("FailedIndexes", "Job has failed indexes")
            : null;
    }

    private static string? FailedByPolicy(JobFacts facts) => facts.Job.Spec.PodFailurePolicy is not { } policy
        ? null
        : facts.Pods.Where(p => p.HasFailedFor(facts.Job)).Select(p => PodFailureVerdict.Of(policy, p).JobFailure).FirstOrDefault(m => m is not null);

    /// <summary>With restartPolicy OnFailure a pod does not fail, its containers are started again: their restarts count instead.</summary>
    private static bool RestartsReachLimit(JobFacts facts)
    {
        if (facts.Job.Spec.Template.Spec.RestartPolicy != "OnFailure")
        {
            return false;
        }

        var restarts = facts.Pods
            .Where(p => p.Status.Phase is PodPhase.Running or PodPhase.Pending)
            .Sum(p => p.Status.InitContainerStatuses.Sum(c => c.RestartCount) + p.Status.ContainerStatuses.Sum(c => c.RestartCount));
        return restarts > 0 && restarts >= facts.Job.Spec.BackoffLimit;
    }
}
