using Kobune.Api.Batch.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Jobs;

/// <summary>What one step has done so far to a Job.</summary>
/// <param name="Status">Its status, without counts.</param>
/// <param name="Active">Pods that run or will run.</param>
/// <param name="Ready">Those that are ready.</param>
/// <param name="Terminating">Pods that go.</param>
internal sealed record JobStep(JobStatus Status, int Active, int Ready, int Terminating)
{
    public JobStep(JobFacts facts)
        : this(facts.Job.Status, facts.Active.Count, facts.Active.Count(p => p.IsReady()), facts.Terminating)
    {
    }

    /// <summary>SuccessCriteriaMet or FailureTarget; null when the Job goes on.</summary>
    public JobCondition? Verdict { get; init; }

    /// <summary>When a back-off ends.</summary>
    public TimeSpan? LookAgain { get; init; }

    /// <summary>Why the step failed in part: it comes again.</summary>
    public Exception? Error { get; init; }

    /// <summary>After so many active pods were deleted.</summary>
    public JobStep Less(PodsDeleted gone) =>
        this with { Active = Active - gone.Count, Ready = Ready - gone.Ready, Terminating = Terminating + gone.Count, Error = gone.Error };
}
