using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;

namespace Kobune.ControllerManager.ReplicaSets;

/// <summary>How objects of a kind are seen as ReplicaSets, and get their status back. Source: pkg/controller/replication, conversion.go.</summary>
/// <param name="AsSet">The object as a ReplicaSet; its kind does not matter.</param>
/// <param name="WithStatus">The object with a new status.</param>
internal sealed record ReplicaKind<T>(Func<T, ReplicaSet> AsSet, Func<T, ReplicaSetStatus, T> WithStatus);

/// <summary>The two kinds.</summary>
internal static class ReplicaKinds
{
    public static ReplicaKind<ReplicaSet> Sets { get; } = new(set => set, (set, status) => set with { Status = status });

    public static ReplicaKind<ReplicationController> Controllers { get; } = new(
        controller => new ReplicaSet
        {
            Metadata = controller.Metadata,
            Spec = new ReplicaSetSpec
            {
                Replicas = controller.Spec.Replicas,
                MinReadySeconds = controller.Spec.MinReadySeconds,
                Selector = SelectorOf(controller),
                Template = controller.Spec.Template ?? new(),
            },
            Status = new ReplicaSetStatus
            {
                Replicas = controller.Status.Replicas,
                FullyLabeledReplicas = controller.Status.FullyLabeledReplicas,
                ReadyReplicas = controller.Status.ReadyReplicas,
                AvailableReplicas = controller.Status.AvailableReplicas,
                ObservedGeneration = controller.Status.ObservedGeneration,
                Conditions = [.. controller.Status.Conditions.Select(c => new ReplicaSetCondition { Type = c.Type, Status = c.Status, LastTransitionTime = c.LastTransitionTime, Reason = c.Reason, Message = c.Message })],
            },
        },
        (controller, status) => controller with
        {
            Status = controller.Status with
            {
                Replicas = status.Replicas,
                FullyLabeledReplicas = status.FullyLabeledReplicas,
                ReadyReplicas = status.ReadyReplicas,
                AvailableReplicas = status.AvailableReplicas,
                ObservedGeneration = status.ObservedGeneration,
                Conditions = [.. status.Conditions.Select(c => new ReplicationControllerCondition { Type = c.Type, Status = c.Status, LastTransitionTime = c.LastTransitionTime, Reason = c.Reason, Message = c.Message })],
            },
        });

    /// <summary>A ReplicationController selects by labels alone.</summary>
    public static LabelSelector SelectorOf(ReplicationController controller) => new() { MatchLabels = controller.Spec.Selector };
}
