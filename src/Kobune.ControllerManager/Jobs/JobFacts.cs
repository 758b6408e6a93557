using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Jobs;

/// <summary>
/// A Job and its pods at one moment, counted. A pod is new as long as it has the tracking finalizer and is not written down in
/// uncountedTerminatedPods, so each is counted once, whoever deletes it meanwhile. Source: pkg/controller/job/job_controller.go, syncJob.
/// </summary>
internal sealed record JobFacts
{
    public required Job Job { get; init; }

    /// <summary>Pods that the Job controls; of an indexed Job in the order of their indexes.</summary>
    public required IReadOnlyList<Pod> Pods { get; init; }

    /// <summary>Those that run or will run.</summary>
    public required IReadOnlyList<Pod> Active { get; init; }

    /// <summary>Pods that are going and have not ended.</summary>
    public required int Terminating { get; init; }

    /// <summary>Successes so far, of an indexed Job its completed indexes.</summary>
    public required int Succeeded { get; init; }

    /// <summary>Failures so far that count.</summary>
    public required int Failed { get; init; }

    /// <summary>Waiting time, with the newest failures.</summary>
    public required JobBackoff Backoff { get; init; }

    /// <summary>Indexes that the status has as completed.</summary>
    public IndexSet CompletedBefore { get; init; } = IndexSet.Empty;

    /// <summary>Those, and the newly completed ones.</summary>
    public IndexSet Completed { get; init; } = IndexSet.Empty;

    /// <summary>Indexes that have failed; null without backoffLimitPerIndex.</summary>
    public IndexSet? FailedIndexes { get; init; }

    /// <summary>
    /// By index, the failed pod that must stay until it is replaced, for its annotations tell the new pod how often the index has failed.
    /// </summary>
    public IReadOnlyDictionary<int, Pod> AwaitingReplacement { get; init; } = new Dictionary<int, Pod>();

    public static JobFacts Of(Job job, IReadOnlyList<Pod> pods, JobBackoff before)
    {
        pods = job.IsIndexed() ? [.. pods.OrderBy(p => p.CompletionIndex() ?? -1)] : pods;
        var uncounted = job.Status.UncountedTerminatedPods ?? UncountedTerminatedPods.Empty;
        var valid = pods.Where(p => p.IsTracked() && p.HasPlaceIn(job)).ToList();
        var succeeded = valid.Where(p => p.Status.Phase == PodPhase.Succeeded && !uncounted.Succeeded.Contains(p.Metadata.Uid)).ToList();
        var failed = valid.Where(p => p.HasFailedFor(job) && !uncounted.Failed.Contains(p.Metadata.Uid)).ToList();
        var facts = new JobFacts
        {
            Job = job,
            Pods = pods,
            Active = [.. pods.Where(p => p.IsActive())],
            Terminating = pods.Count(p => p.IsTerminating()),
            Succeeded = job.Status.Succeeded + succeeded.Count + uncounted.Succeeded.Count,
            Failed = job.Status.Failed + failed.Count(p => PodFailureVerdict.Of(job.Spec.PodFailurePolicy, p).Counts) + uncounted.Failed.Count,
            Backoff = before.With(succeeded, failed),
        };
        return job.IsIndexed() ? facts.WithIndexes(valid) : facts;
    }

    private JobFacts WithIndexes(List<Pod> valid)
    {
        var before = IndexSet.Parse(Job.Status.CompletedIndexes, Job.Indexes());
        var completed = before.Union(IndexSet.Of(valid.Where(p => p.Status.Phase == PodPhase.Succeeded).Select(p => p.IndexIn(Job)!.Value)));
        var facts = this with { CompletedBefore = before, Completed = completed, Succeeded = completed.Count };
        if (!Job.HasLimitPerIndex())
        {
            return facts;
        }

        var failed = IndexSet.Parse(Job.Status.FailedIndexes ?? "", Job.Indexes()).Union(IndexSet.Of(valid.Where(FailsItsIndex).Select(p => p.IndexIn(Job)!.Value)));
        return facts with { FailedIndexes = failed, AwaitingReplacement = LastFailures(valid, completed, failed) };
    }

    private bool FailsItsIndex(Pod pod)
    {
        if (!pod.HasFailedFor(Job))
        {
            return false;
        }

        var verdict = PodFailureVerdict.Of(Job.Spec.PodFailurePolicy, pod);
        return verdict.Action == PodFailurePolicyAction.FailIndex || (verdict.Counts && pod.FailureCount() >= Job.Spec.BackoffLimitPerIndex);
    }

    private Dictionary<int, Pod> LastFailures(List<Pod> valid, IndexSet completed, IndexSet failed)
    {
        var active = Active.Select(p => p.CompletionIndex()).ToHashSet();
        return valid
            .Where(p => p.HasFailedFor(Job) && p.IndexIn(Job) is { } index && !completed.Contains(index) && !failed.Contains(index) && !active.Contains(index))
            .GroupBy(p => p.IndexIn(Job)!.Value)
            .ToDictionary(g => g.Key, g => g.OrderBy(p => p.FailureCount() + p.IgnoredFailureCount()).ThenBy(p => p.FinishedAt()).Last());
    }
}
