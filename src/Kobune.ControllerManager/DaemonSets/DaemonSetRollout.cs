using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>The next step of a rolling update. Source: pkg/controller/daemon/update.go, rollingUpdate.</summary>
internal static class DaemonSetRollout
{
    public static DaemonSetPlan Compute(DaemonSetView view)
    {
        if (view.Set.Spec.UpdateStrategy.Type != DaemonSetUpdateStrategyType.RollingUpdate)
        {
            return new([], [], []);
        }

        return MaxSurge(view) is > 0 and var surge ? Surging(view, surge) : Replacing(view);
    }

    /// <summary>Pods that may be there besides the old ones; a percentage is of the nodes that want one.</summary>
    public static int MaxSurge(DaemonSetView view)
    {
        var strategy = view.Set.Spec.UpdateStrategy;
        return strategy.Type == DaemonSetUpdateStrategyType.RollingUpdate ? Scaled(strategy.RollingUpdate?.MaxSurge ?? 0, view) : 0;
    }

    /// <summary>Old pods go, as many as may be unavailable; their nodes get new ones when they are gone.</summary>
    private static DaemonSetPlan Replacing(DaemonSetView view)
    {
        var (unavailable, broken, candidates) = (0, new List<Pod>(), new List<Pod>());
        foreach (var (_, pods) in ByNode(view))
        {
            var (newPod, oldPod, isClear) = Split(view, pods);
            if (!isClear || (newPod is null) == (oldPod is null))
            {
                unavailable++; // the other half of the controller puts this node in order
            }
            else if (newPod is not null)
            {
                unavailable += view.IsAvailable(newPod) ? 0 : 1;
            }
            else if (!view.IsAvailable(oldPod!))
            {
                broken.Add(oldPod!); // nothing is lost with it
                unavailable++;
            }
            else
            {
                candidates.Add(oldPod!);
            }
        }

        // A set that allows neither is updated none the less: no server of today takes one, an old one may have.
        var most = Math.Max(1, Scaled(view.Set.Spec.UpdateStrategy.RollingUpdate?.MaxUnavailable ?? 1, view));
        var room = Math.Max(0, most - unavailable);
        return Limited([], [.. broken, .. candidates.Take(room)]);
    }

    /// <summary>New pods come beside old ones, which go when the new ones are available.</summary>
    private static DaemonSetPlan Surging(DaemonSetView view, int maxSurge)
    {
        var (surging, available) = (0, 0);
        List<Pod> delete = [], unwanted = [];
        List<string> create = [], candidates = [];
        foreach (var (name, pods) in ByNode(view))
        {
            var (newPod, oldPod, isClear) = Split(view, pods);
            if (!isClear)
            {
                surging++;
                continue;
            }

            available += (oldPod ?? newPod) is { } counted && view.IsAvailable(counted) ? 1 : 0;
            if (oldPod is null)
            {
                continue;
            }

            var isAvailable = view.IsAvailable(oldPod);
            if (newPod is not null)
            {
                if (view.IsAvailable(newPod))
                {
                    delete.Add(oldPod);
                }
                else
                {
                    surging++;
                }
            }
            else if (!view.Nodes.TryGetValue(name, out var node) || !DaemonNodes.Decide(view.Set, node).Run)
            {
                (isAvailable ? unwanted : delete).Add(oldPod);
            }
            else
            {
                (isAvailable ? candidates : create).Add(name);
            }
        }

        // Where a pod should not be any more, it serves until enough others do.
        delete.AddRange(unwanted.Take(Math.Max(0, available - view.Desired())));
        return Limited([.. create, .. candidates.Take(Math.Max(0, maxSurge - surging))], delete);
    }

    private static IEnumerable<KeyValuePair<string, List<Pod>>> ByNode(DaemonSetView view) => view.ByNode.OrderBy(n => n.Key, StringComparer.Ordinal);

    /// <summary>The new and the old pod of a node; not clear when there are several of one sort.</summary>
    private static (Pod? New, Pod? Old, bool IsClear) Split(DaemonSetView view, List<Pod> pods)
    {
        Pod? newPod = null, oldPod = null;
        foreach (var pod in pods)
        {
            if (pod.IsDeleting())
            {
                continue;
            }

            ref var place = ref DaemonPods.IsUpdated(view.Set, pod, view.Hash) ? ref newPod : ref oldPod;
            if (place is not null)
            {
                return (null, null, false);
            }

            place = pod;
        }

        return (newPod, oldPod, true);
    }

    private static DaemonSetPlan Limited(List<string> create, List<Pod> delete) =>
        new([.. create.Take(DaemonSetPlan.Burst)], [.. delete.Take(DaemonSetPlan.Burst)], []);

    private static int Scaled(IntOrString value, DaemonSetView view) =>
        value.IsString ? value.TryScale(view.Desired(), roundUp: true, out var scaled) ? scaled : 0 : value.IntValue;
}
