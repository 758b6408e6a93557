using Kobune.Api.Batch.V1;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Jobs;

/// <summary>What is asked of a Job. Source: pkg/controller/job/util and job_controller.go.</summary>
internal static class JobSpecFacts
{
    /// <summary>The value of spec.managedBy that means this controller.</summary>
    public const string OwnName = "kubernetes.io/job-controller";

    public static bool IsIndexed(this Job job) => job.Spec.CompletionMode == CompletionMode.Indexed;

    public static bool IsSuspended(this Job job) => job.Spec.Suspend == true;

    public static bool HasLimitPerIndex(this Job job) => job.IsIndexed() && job.Spec.BackoffLimitPerIndex is not null;

    /// <summary>A pod is replaced when it has failed, not already when it is going.</summary>
    public static bool ReplacesOnlyFailed(this Job job) => job.Spec.PodReplacementPolicy == PodReplacementPolicy.Failed || job.Spec.PodFailurePolicy is not null;

    /// <summary>Another controller looks after it.</summary>
    public static bool IsManagedElsewhere(this Job job) => job.Spec.ManagedBy is { } manager && manager != OwnName;

    /// <summary>Of an indexed Job: how many indexes it has.</summary>
    public static int Indexes(this Job job) => job.Spec.Completions ?? 0;

    public static JobCondition? Condition(this JobStatus status, string type) => status.Conditions.FirstOrDefault(c => c.Type == type);

    public static bool Has(this JobStatus status, string type) => status.Condition(type)?.Status == "True";

    /// <summary>The condition that says that it has ended, Complete or Failed; null while it has not.</summary>
    public static JobCondition? End(this Job job) =>
        job.Status.Conditions.FirstOrDefault(c => c is { Status: "True", Type: JobConditionType.Complete or JobConditionType.Failed });

    public static bool IsFinished(this Job job) => job.End() is not null;

    /// <summary>The Job that controls an object, or null: none does, or it is gone, or another one has its name.</summary>
    public static Job? ControllerOf(this ICache<Job> jobs, Api.IKubernetesObject obj) =>
        obj.ControllerRef() is { Kind: "Job" } owner && jobs.Find(obj.Metadata.Namespace, owner.Name) is { } job && job.Metadata.Uid == owner.Uid ? job : null;
}
