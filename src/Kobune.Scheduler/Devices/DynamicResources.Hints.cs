using Kobune.Api.Core.V1;
using Kobune.Api.Resources;
using Kobune.Scheduler.Framework;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>What makes it worth trying a pod again.</summary>
internal sealed partial class DynamicResources
{
    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        // What a node has from device plugins decides whether devices have to be claimed there.
        new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeLabel | ActionType.UpdateNodeTaint | ActionType.UpdateNodeAllocatable),
        new(EventResource.UnscheduledPod, ActionType.UpdatePodGeneratedResourceClaim, (pod, _) => PodDevices.ClaimsOf(pod, view, out var problem) is not null && problem is null),
        new(EventResource.ResourceClaim, ActionType.Add | ActionType.UpdateStorage | ActionType.Delete, (pod, happened) => Helps(view, pod, happened)),
        new(EventResource.DeviceClass, ActionType.Add | ActionType.UpdateStorage),
        new(EventResource.ResourceSlice, ActionType.Add | ActionType.UpdateStorage | ActionType.Delete),
    ];

    /// <summary>A claim of the pod, one that gave devices back, or the pod's own for extended resources that is gone.</summary>
    private static bool Helps(DeviceView view, Pod pod, ClusterEvent happened)
    {
        var (before, now) = (happened.Old as ResourceClaim, happened.New as ResourceClaim);
        if (before?.Status.Allocation is not null && now?.Status.Allocation is null)
        {
            return true;
        }

        if (now is null)
        {
            return before is not null && ExtendedResources.IsMadeForThem(before) && PodDeviceClaims.IsFor(pod, before);
        }

        return pod.Metadata.Namespace == now.Metadata.Namespace
            && pod.Spec.ResourceClaims.Any(e => PodDeviceClaims.NameOf(pod, e).Name == now.Metadata.Name)
            && PodDevices.ClaimsOf(pod, view, out var problem) is not null && problem is null;
    }
}
