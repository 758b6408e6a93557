using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.Jobs;

/// <summary>
/// Which ended pods are counted now. First their UIDs stand in the status, then the pods lose their finalizers, then the counters rise and the UIDs
/// go: a crash between any two of these loses no pod and counts none twice. Source: job_controller.go, trackJobStatusAndRemoveFinalizers.
/// </summary>
/// <param name="Status">The status to write before finalizers are removed.</param>
/// <param name="Release">Pods that lose their finalizers.</param>
/// <param name="IsWhole">No pod was left for the next step.</param>
/// <param name="PolicyActions">For each failed pod that a rule of the pod failure policy meant: what the rule does.</param>
internal sealed record JobTracking(JobStatus Status, IReadOnlyList<Pod> Release, bool IsWhole, IReadOnlyList<string> PolicyActions)
{
    /// <summary>The most UIDs that a status has, so that it stays below 20 kB.</summary>
    private const int MaxUncounted = 500;

    /// <param name="facts">The Job and its pods.</param>
    /// <param name="status">The status so far.</param>
    /// <param name="verdict">How the Job ends; null when it goes on.</param>
    public static JobTracking Compute(JobFacts facts, JobStatus status, JobCondition? verdict)
    {
        var job = facts.Job;
        status = Counted(status, Tracked(facts.Pods));
        var uncounted = status.UncountedTerminatedPods ?? UncountedTerminatedPods.Empty;
        List<string> succeeded = [.. uncounted.Succeeded], failed = [.. uncounted.Failed];
        var indexes = new List<int>();
        var (release, actions) = (new List<Pod>(), new List<string>());
        var isWhole = true;
        foreach (var pod in facts.Pods.Where(p => p.IsTracked()))
        {
            if (!CanRelease(facts, pod, verdict))
            {
                continue;
            }

            release.Add(pod);
            var uid = pod.Metadata.Uid;
            if (pod.Status.Phase == PodPhase.Succeeded && !failed.Contains(uid))
            {
                Succeed(pod, uid);
            }
            else if (pod.HasFailedFor(job) || verdict is { Type: JobConditionType.FailureTarget })
            {
                // In a Job that fails, every pod that has not ended counts as failed.
                if (!failed.Contains(uid) && pod.HasPlaceIn(job))
                {
                    Fail(PodFailureVerdict.Of(job.Spec.PodFailurePolicy, pod), uid);
                }
            }

            if (indexes.Count + succeeded.Count + failed.Count >= MaxUncounted)
            {
                isWhole = false; // the write of the status brings the Job back for the rest
                break;
            }
        }

        status = status with { UncountedTerminatedPods = new() { Succeeded = succeeded, Failed = failed } };
        status = job.IsIndexed() ? WithIndexes(facts, status, indexes) : status;
        return new(verdict is null ? status : status.With(verdict), release, isWhole, actions);

        void Fail(PodFailureVerdict policy, string uid)
        {
            if (policy.Action.Length > 0)
            {
                actions.Add(policy.Action);
            }

            if (policy.Counts)
            {
                failed.Add(uid);
            }
        }

        void Succeed(Pod pod, string uid)
        {
            if (!job.IsIndexed())
            {
                if (!succeeded.Contains(uid))
                {
                    succeeded.Add(uid);
                }
            }
            else if (pod.IndexIn(job) is { } index && !facts.CompletedBefore.Contains(index))
            {
                indexes.Add(index); // an index is counted once whatever its pods are: no UID is needed
            }
        }
    }

    /// <summary>UIDs of pods that have the finalizer.</summary>
    public static HashSet<string> Tracked(IEnumerable<Pod> pods) => [.. pods.Where(p => p.IsTracked()).Select(p => p.Metadata.Uid)];

    /// <summary>The status with those counted that have no finalizer any more.</summary>
    public static JobStatus Counted(JobStatus status, HashSet<string> tracked)
    {
        var uncounted = status.UncountedTerminatedPods ?? UncountedTerminatedPods.Empty;
        var (succeeded, failed) = (uncounted.Succeeded.Where(tracked.Contains).ToList(), uncounted.Failed.Where(tracked.Contains).ToList());
        return status with
        {
            Succeeded = status.Succeeded + uncounted.Succeeded.Count - succeeded.Count,
            Failed = status.Failed + uncounted.Failed.Count - failed.Count,
            UncountedTerminatedPods = new() { Succeeded = succeeded, Failed = failed },
        };
    }

    /// <summary>The status with the last condition, when all pods are counted and gone; null while they are not.</summary>
    public static JobStatus? Finished(JobStatus status, JobCondition verdict, DateTimeOffset now)
    {
        if (status is not { UncountedTerminatedPods: null or { Succeeded.Count: 0, Failed.Count: 0 }, Terminating: null or 0 })
        {
            return null;
        }

        var hasSucceeded = verdict.Type == JobConditionType.SuccessCriteriaMet;
        status = status.With(JobConditions.New(hasSucceeded ? JobConditionType.Complete : JobConditionType.Failed, "True", verdict.Reason, verdict.Message, now));
        return hasSucceeded ? status with { CompletionTime = JobConditions.Stamp(now) } : status;
    }

    private static bool CanRelease(JobFacts facts, Pod pod, JobCondition? verdict)
    {
        if (facts.Job.Metadata.DeletionTimestamp is not null || verdict is not null || pod.Status.Phase == PodPhase.Succeeded)
        {
            return true;
        }

        var awaited = pod.CompletionIndex() is { } index && facts.AwaitingReplacement.TryGetValue(index, out var last) && last.Metadata.Uid == pod.Metadata.Uid;
        return pod.HasFailedFor(facts.Job) && !awaited;
    }

    private static JobStatus WithIndexes(JobFacts facts, JobStatus status, List<int> indexes)
    {
        // Indexes out of the new range of an elastic Job are gone from the text, and so from the count.
        var completed = facts.CompletedBefore.Union(IndexSet.Of(indexes));
        return status with { Succeeded = completed.Count, CompletedIndexes = completed.ToString(), FailedIndexes = facts.FailedIndexes?.ToString() };
    }
}
