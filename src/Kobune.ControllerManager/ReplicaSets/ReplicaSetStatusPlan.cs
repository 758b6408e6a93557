using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.ReplicaSets;

/// <summary>The status of a ReplicaSet. Source: pkg/controller/replicaset/replica_set_utils.go, calculateStatus.</summary>
internal static class ReplicaSetStatusPlan
{
    /// <param name="failure">Why the step failed (reason and message), or null.</param>
    public static ReplicaSetStatus Compute(ReplicaSet set, IReadOnlyList<Pod> pods, (string Reason, string Message)? failure, DateTimeOffset now)
    {
        var active = pods.Where(p => p.IsActive()).ToList();
        var templateLabels = set.Spec.Template.Metadata.Labels;
        return set.Status with
        {
            Replicas = active.Count,
            FullyLabeledReplicas = active.Count(p => templateLabels.All(l => p.Metadata.Labels.GetValueOrDefault(l.Key) == l.Value)),
            ReadyReplicas = active.Count(p => p.IsReady()),
            AvailableReplicas = active.Count(p => p.IsAvailable(set.Spec.MinReadySeconds, now)),
            TerminatingReplicas = pods.Count(p => p.IsTerminating()),
            ObservedGeneration = set.Metadata.Generation,
            Conditions = Conditions(set.Status.Conditions, failure, now),
        };
    }

    private static IReadOnlyList<ReplicaSetCondition> Conditions(IReadOnlyList<ReplicaSetCondition> have, (string Reason, string Message)? failure, DateTimeOffset now)
    {
        var known = have.FirstOrDefault(c => c.Type == ReplicaSetConditionType.ReplicaFailure);
        if (failure is null)
        {
            return known is null ? have : [.. have.Where(c => c != known)];
        }

        return known is not null
            ? have
            : [.. have, new ReplicaSetCondition { Type = ReplicaSetConditionType.ReplicaFailure, Status = "True", LastTransitionTime = now, Reason = failure.Value.Reason, Message = failure.Value.Message }];
    }
}
