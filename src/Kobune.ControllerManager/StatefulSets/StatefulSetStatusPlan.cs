using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>The status of a set. Source: pkg/controller/statefulset/stateful_set_control.go, updateStatus, and stateful_set_utils.go, completeRollingUpdate.</summary>
internal static class StatefulSetStatusPlan
{
    /// <param name="view">What is known.</param>
    /// <param name="replaced">Pods that were just deleted for a rolling update, which the view still shows.</param>
    /// <param name="collisions">Collisions of revision names until now.</param>
    public static StatefulSetStatus Compute(StatefulSetView view, IReadOnlyList<Pod> replaced, int collisions)
    {
        var (set, pods) = (view.Set, view.Pods);
        var ready = pods.Where(StatefulPods.IsRunningAndReady).ToList();
        var status = set.Status with
        {
            ObservedGeneration = set.Metadata.Generation,
            Replicas = pods.Count,
            ReadyReplicas = ready.Count,
            AvailableReplicas = ready.Count(p => p.IsAvailable(set.Spec.MinReadySeconds, view.Now)),
            CurrentReplicas = OfRevision(pods, view.Current) - OfRevision(replaced, view.Current),
            UpdatedReplicas = OfRevision(pods, view.Update),
            CurrentRevision = view.Current.Name,
            UpdateRevision = view.Update.Name,
            CollisionCount = collisions,
        };
        return IsComplete(set, status) ? status with { CurrentReplicas = status.UpdatedReplicas, CurrentRevision = status.UpdateRevision } : status;
    }

    private static bool IsComplete(StatefulSet set, StatefulSetStatus status)
    {
        var wanted = StatefulPods.Replicas(set);
        return set.Spec.UpdateStrategy.Type == StatefulSetUpdateStrategyType.RollingUpdate
            && status.UpdatedReplicas == wanted && status.ReadyReplicas == wanted && status.Replicas == wanted;
    }

    private static int OfRevision(IReadOnlyList<Pod> pods, SetRevision revision) => pods.Count(p => !p.IsDeleting() && StatefulPods.Revision(p) == revision.Name);
}
