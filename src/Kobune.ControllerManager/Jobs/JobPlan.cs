using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Jobs;

/// <summary>One step of a Job that goes on: pods to delete, or pods to create. Source: pkg/controller/job/job_controller.go, manageJob.</summary>
/// <param name="Delete">Active pods too many. They do not count as failed.</param>
/// <param name="Create">For each pod to create its index; null where the Job has none.</param>
/// <param name="LookAgain">When a back-off ends.</param>
internal sealed record JobPlan(IReadOnlyList<Pod> Delete, IReadOnlyList<int?> Create, TimeSpan? LookAgain)
{
    /// <summary>The most pods that one step creates or deletes. Source: MaxPodCreateDeletePerSync.</summary>
    public const int Burst = 500;

    private static readonly JobPlan Nothing = new([], [], null);

    /// <summary>What the step is for, as the metrics call it: a Job that waits for the end of a back-off is about to create.</summary>
    public string Action => IsDeletion ? "pods_deleted" : Create.Count > 0 || LookAgain is not null ? "pods_created" : "tracking";

    private bool IsDeletion { get; init; }

    public static JobPlan Compute(JobFacts facts, DateTimeOffset now)
    {
        var (job, active) = (facts.Job, facts.Active.Count);
        if (job.IsSuspended())
        {
            return Nothing with { Delete = facts.Active, IsDeletion = true };
        }

        var wanted = Wanted(facts);
        var surplus = Surplus(job, facts.Active, Math.Max(0, active - wanted));
        if (surplus.Count > 0)
        {
            return Nothing with { Delete = [.. surplus.Take(Burst)], IsDeletion = true }; // what is missing beside comes with the next step
        }

        var missing = Math.Min(wanted - active - (job.ReplacesOnlyFailed() ? facts.Terminating : 0), Burst);
        if (missing <= 0)
        {
            return Nothing;
        }

        if (job.HasLimitPerIndex())
        {
            return PerIndex(facts, missing, now);
        }

        var left = facts.Backoff.Left(now);
        return left > TimeSpan.Zero ? Nothing with { LookAgain = left }
            : job.IsIndexed() ? Nothing with { Create = [.. Pending(facts, missing)] }
            : Nothing with { Create = new int?[missing] };
    }

    private static int Wanted(JobFacts facts)
    {
        var parallelism = facts.Job.Spec.Parallelism ?? 1;
        return facts.Job.Spec.Completions is { } completions ? Math.Clamp(completions - facts.Succeeded, 0, parallelism)
            : facts.Succeeded > 0 ? facts.Active.Count // one has succeeded: the others are let finish
            : parallelism;
    }

    /// <summary>Each index has its own back-off; those that may start do.</summary>
    private static JobPlan PerIndex(JobFacts facts, int missing, DateTimeOffset now)
    {
        var waits = Pending(facts, missing)
            .Select(i => (Index: i, Left: facts.AwaitingReplacement.TryGetValue(i!.Value, out var pod) ? JobBackoff.OfIndex(pod).Left(now) : TimeSpan.Zero))
            .ToList();
        var waiting = waits.Where(w => w.Left > TimeSpan.Zero).Select(w => (TimeSpan?)w.Left).Min();
        return Nothing with { Create = [.. waits.Where(w => w.Left <= TimeSpan.Zero).Select(w => w.Index)], LookAgain = waiting };
    }

    private static IEnumerable<int?> Pending(JobFacts facts, int count)
    {
        var job = facts.Job;
        var taken = facts.Completed.Union(facts.FailedIndexes ?? IndexSet.Empty).Union(Of(facts.Active));
        taken = job.ReplacesOnlyFailed() ? taken.Union(Of(facts.Pods.Where(p => p.IsTerminating()))) : taken;
        return taken.FirstMissing(count, job.Indexes()).Select(i => (int?)i);

        static IndexSet Of(IEnumerable<Pod> pods) => IndexSet.Of(pods.Select(p => p.CompletionIndex()).OfType<int>());
    }

    /// <summary>Pods without a valid index and all but one of an index, then those whose loss costs least.</summary>
    private static List<Pod> Surplus(Job job, IReadOnlyList<Pod> active, int atLeast)
    {
        var surplus = new List<Pod>();
        if (job.IsIndexed())
        {
            surplus.AddRange(active.Where(p => !p.HasPlaceIn(job)));
            foreach (var same in active.Where(p => p.HasPlaceIn(job)).GroupBy(p => p.CompletionIndex()))
            {
                surplus.AddRange(PodDeletionRanking.Choose([.. same], same.Count() - 1));
            }
        }

        var more = atLeast - surplus.Count;
        return more <= 0 ? surplus : [.. surplus, .. PodDeletionRanking.Choose([.. active.Except(surplus)], more)];
    }
}
