using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>Which pods of an old revision go next: the highest numbers first, not more than may be unavailable, none below the partition.</summary>
internal static class StatefulSetRollout
{
    public static IReadOnlyList<Pod> Choose(StatefulSetView view, List<Replica> replicas)
    {
        var strategy = view.Set.Spec.UpdateStrategy;
        if (strategy.Type == StatefulSetUpdateStrategyType.OnDelete)
        {
            return [];
        }

        var partition = strategy.RollingUpdate?.Partition ?? 0;
        return view.UseMaxUnavailable ? Several(view, replicas, partition) : One(view, replicas, partition);
    }

    /// <summary>From the top: the first of an old revision, unless one above it is not healthy yet.</summary>
    private static IReadOnlyList<Pod> One(StatefulSetView view, List<Replica> replicas, int partition)
    {
        for (var i = replicas.Count - 1; i >= partition; i--)
        {
            if (IsOld(view, replicas[i]))
            {
                return [replicas[i].Pod];
            }

            if (!IsHealthy(view, replicas[i]))
            {
                return [];
            }
        }

        return [];
    }

    /// <summary>
    /// As many as may be unavailable. Of a parallel set the old ones that are unavailable anyhow go first, whatever their number: the new revision may be what mends them, and an ordered
    /// set waits for them.
    /// </summary>
    private static List<Pod> Several(StatefulSetView view, List<Replica> replicas, int partition)
    {
        var room = Math.Max(0, MaxUnavailable(view.Set) - replicas.Count(r => !IsHealthy(view, r)));
        var old = replicas.Skip(partition).Reverse().Where(r => IsOld(view, r)).ToList();
        List<Replica> broken = StatefulSetPlan.IsParallel(view.Set) ? old.FindAll(r => !IsHealthy(view, r)) : [];
        return [.. broken.Concat(old.Except(broken).Take(room)).Select(r => r.Pod)];
    }

    /// <summary>At least one, or a percentage of few pods would stop everything.</summary>
    public static int MaxUnavailable(StatefulSet set)
    {
        IntOrString value = set.Spec.UpdateStrategy.RollingUpdate?.MaxUnavailable ?? 1;
        return value.TryScale(StatefulPods.Replicas(set), roundUp: false, out var scaled) ? Math.Max(1, scaled) : 1;
    }

    // A pod that has ended is deleted by its own step.
    private static bool IsOld(StatefulSetView view, Replica replica) =>
        replica.Exists && !replica.Pod.IsDeleting() && !replica.Pod.IsTerminal() && StatefulPods.Revision(replica.Pod) != view.Update.Name;

    private static bool IsHealthy(StatefulSetView view, Replica replica) => replica.Exists && StatefulSetPlan.IsHealthy(view, replica.Pod);
}
