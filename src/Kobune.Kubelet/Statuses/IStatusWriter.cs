using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Statuses;

/// <summary>Where statuses of pods are written.</summary>
internal interface IStatusWriter
{
    /// <summary>Writes the status of the pod; foreign conditions and unknown fields stay. False when the pod (of this UID) is gone.</summary>
    Task<bool> WriteAsync(Pod pod, PodStatus known, PodStatus status, CancellationToken ct);

    /// <summary>Ends the deletion: delete with grace 0 of exactly this UID.</summary>
    Task FinishDeletionAsync(Pod pod, CancellationToken ct);
}
