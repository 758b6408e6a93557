using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.ReplicaSets;

/// <summary>One step of a ReplicaSet: pods to create, or pods to delete.</summary>
internal sealed record ReplicaSetPlan(int Create, IReadOnlyList<Pod> Delete)
{
    /// <summary>The most pods that one step creates or deletes. Source: pkg/controller/replicaset, BurstReplicas.</summary>
    public const int Burst = 500;

    /// <summary>What brings the number of active pods to the wanted one.</summary>
    /// <param name="set">The ReplicaSet.</param>
    /// <param name="pods">Pods that it controls.</param>
    /// <param name="related">Active pods of all sets of the same controller, for crowding.</param>
    /// <param name="features">What decides which pods go first.</param>
    /// <param name="now">For the ages of pods.</param>
    public static ReplicaSetPlan Compute(ReplicaSet set, IReadOnlyList<Pod> pods, Func<IReadOnlyList<Pod>> related, FeatureGates features, DateTimeOffset now)
    {
        var active = pods.Where(p => p.IsActive()).ToList();
        var difference = active.Count - (set.Spec.Replicas ?? 1);
        return difference switch
        {
            < 0 => new(Math.Min(-difference, Burst), []),
            > 0 => new(0, PodDeletionRanking.Choose(active, related(), Math.Min(difference, Burst), features, now)),
            _ => new(0, []),
        };
    }
}
