using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Devices;

/// <summary>The devices that a pod has by claims.</summary>
internal interface IDeviceClaims
{
    /// <summary>Why the pod cannot have its devices now; null when it has them, or needs none.</summary>
    Task<string?> ComplaintAsync(Pod pod, CancellationToken ct);
}
