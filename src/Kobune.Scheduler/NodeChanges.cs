using Kobune.Api.Core.V1;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler;

/// <summary>What an update of a node means for scheduling: heartbeats mean nothing.</summary>
internal static class NodeChanges
{
    public static ActionType Of(Node old, Node node)
    {
        var action = ActionType.None;
        if (!ReferenceEquals(old.Status.Allocatable, node.Status.Allocatable)
            && (old.Status.Allocatable.Count != node.Status.Allocatable.Count
                || old.Status.Allocatable.Any(pair => !node.Status.Allocatable.TryGetValue(pair.Key, out var amount) || amount != pair.Value)))
        {
            action |= ActionType.UpdateNodeAllocatable;
        }

        if (!PodChanges.Same(old.Metadata.Labels, node.Metadata.Labels))
        {
            action |= ActionType.UpdateNodeLabel;
        }

        if (!PodChanges.Same(old.Metadata.Annotations, node.Metadata.Annotations))
        {
            action |= ActionType.UpdateNodeAnnotation;
        }

        if (old.Spec.Unschedulable != node.Spec.Unschedulable || !old.Spec.Taints.SequenceEqual(node.Spec.Taints))
        {
            action |= ActionType.UpdateNodeTaint;
        }

        return Conditions(old).SequenceEqual(Conditions(node)) ? action : action | ActionType.UpdateNodeCondition;

        static IEnumerable<(string Type, string Status)> Conditions(Node node) => node.Status.Conditions.Select(condition => (condition.Type, condition.Status));
    }
}
