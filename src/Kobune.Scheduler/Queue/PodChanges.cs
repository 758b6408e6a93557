using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Queue;

/// <summary>What an update of a pod means for scheduling. Source: pkg/scheduler/framework, PodSchedulingPropertiesChange.</summary>
internal static class PodChanges
{
    public static ActionType Of(Pod old, Pod pod)
    {
        var changes = ActionType.None;
        if (!Same(old.Metadata.Labels, pod.Metadata.Labels))
        {
            changes |= ActionType.UpdatePodLabel;
        }

        if (!old.Status.ResourceClaimStatuses.SequenceEqual(pod.Status.ResourceClaimStatuses) || old.Status.ExtendedResourceClaimStatus != pod.Status.ExtendedResourceClaimStatus)
        {
            changes |= ActionType.UpdatePodGeneratedResourceClaim;
        }

        if (ReferenceEquals(old.Spec, pod.Spec))
        {
            return changes;
        }

        if (!old.Spec.Tolerations.SequenceEqual(pod.Spec.Tolerations))
        {
            changes |= ActionType.UpdatePodToleration;
        }

        if (old.Spec.SchedulingGates.Count > 0 && pod.Spec.SchedulingGates.Count == 0)
        {
            changes |= ActionType.UpdatePodSchedulingGatesEliminated;
        }

        return IsScaledDown(PodRequests.Of(old), PodRequests.Of(pod)) ? changes | ActionType.UpdatePodScaleDown : changes;
    }

    internal static bool Same(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right)
    {
        if (ReferenceEquals(left, right))
        {
            return true;
        }

        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var other) || other != value)
            {
                return false;
            }
        }

        return true;
    }

    internal static bool IsScaledDown(ResourceVector old, ResourceVector now) =>
        now.MilliCpu < old.MilliCpu || now.Memory < old.Memory || now.EphemeralStorage < old.EphemeralStorage
        || (old.Scalars?.Any(pair => now.Scalar(pair.Key) < pair.Value) ?? false);
}
