using Kobune.Api.Core.V1;
using Kobune.Scheduler.InterPod;

namespace Kobune.Scheduler.Cache;

/// <summary>A pod with what the scheduler reads from it again and again, computed once per revision.</summary>
internal sealed class PodInfo(Pod pod)
{
    public Pod Pod { get; } = pod;

    public string Uid => Pod.Metadata.Uid;

    public int Priority => Pod.Spec.Priority ?? 0;

    public ResourceVector Requests { get; } = PodRequests.Of(pod);

    public ResourceVector NonZeroRequests { get; } = PodRequests.NonZero(pod);

    public IReadOnlyList<HostPort> HostPorts { get; } = HostPort.Of(pod);

    /// <summary>Null when the pod speaks of no other.</summary>
    public PodAffinityTerms? Affinity { get; } = PodAffinityTerms.Of(pod);
}
