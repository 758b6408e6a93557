using System.Globalization;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Jobs;

/// <summary>What the Job controller asks of a pod. Source: pkg/controller/job: job_controller.go, indexed_job_utils.go, backoff_utils.go.</summary>
internal static class JobPodFacts
{
    public const string TrackingFinalizer = "batch.kubernetes.io/job-tracking";
    public const string CompletionIndexKey = "batch.kubernetes.io/job-completion-index";
    public const string FailureCountKey = "batch.kubernetes.io/job-index-failure-count";
    public const string IgnoredFailureCountKey = "batch.kubernetes.io/job-index-ignored-failure-count";

    /// <summary>The Job has not counted the pod yet.</summary>
    public static bool IsTracked(this Pod pod) => pod.Metadata.Finalizers.Contains(TrackingFinalizer);

    /// <summary>Its completion index; null when it has none, or it makes no sense.</summary>
    public static int? CompletionIndex(this Pod pod) =>
        pod.Metadata.Annotations.TryGetValue(CompletionIndexKey, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    /// <summary>Its index, where that is one of the Job's.</summary>
    public static int? IndexIn(this Pod pod, Job job) => pod.CompletionIndex() is { } index && index < job.Indexes() ? index : null;

    /// <summary>The Job has no indexes, or the pod has one of them.</summary>
    public static bool HasPlaceIn(this Pod pod, Job job) => !job.IsIndexed() || pod.IndexIn(job) is not null;

    /// <summary>Failures of its index before it that count for backoffLimitPerIndex.</summary>
    public static int FailureCount(this Pod pod) => Count(pod, FailureCountKey);

    /// <summary>Failures of its index before it that the pod failure policy ignored.</summary>
    public static int IgnoredFailureCount(this Pod pod) => Count(pod, IgnoredFailureCountKey);

    /// <summary>It has failed, or is going and will not succeed: one without a kubelet may never say that it failed.</summary>
    public static bool HasFailedFor(this Pod pod, Job job) =>
        pod.Status.Phase == PodPhase.Failed || (!job.ReplacesOnlyFailed() && pod.IsDeleting() && pod.Status.Phase != PodPhase.Succeeded);

    /// <summary>When it ended: the end of its last container, sidecars included, or since when it is not ready, or when it was deleted, or its creation.</summary>
    public static DateTimeOffset FinishedAt(this Pod pod) =>
        LastContainerEnd(pod)
        ?? (pod.Condition(PodConditionType.Ready) is { Status: "False", LastTransitionTime: { } since } ? (DateTimeOffset?)since : null)
        ?? pod.Metadata.DeletionTimestamp?.AddSeconds(-(pod.Metadata.DeletionGracePeriodSeconds ?? 0))
        ?? pod.Metadata.CreationTimestamp
        ?? default;

    private static DateTimeOffset? LastContainerEnd(Pod pod)
    {
        DateTimeOffset? last = null;
        foreach (var container in pod.Status.ContainerStatuses.Concat(pod.SidecarStatuses()))
        {
            if (container.State.Terminated?.FinishedAt is not { } end)
            {
                return null;
            }

            last = last is null || last < end ? end : last;
        }

        return last;
    }

    private static int Count(Pod pod, string key) =>
        pod.Metadata.Annotations.TryGetValue(key, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
}
