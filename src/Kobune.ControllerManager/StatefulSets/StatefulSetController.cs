using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>Registration of the StatefulSet controller.</summary>
internal static class StatefulSetController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("statefulset", "statefulset-controller");
        var sets = controller.Informer<StatefulSet>();
        var pods = controller.Informer<Pod>();
        var claims = controller.Informer<PersistentVolumeClaim>();
        var revisions = controller.Informer<ControllerRevision>();
        controller.Runner
            .For(sets)
            .Owns(pods, "StatefulSet")
            .Watches(pods, pod => Matching(sets.Cache, pod))
            .On(pods, change =>
            {
                // A pod that is not the set's may have the name of one of its pods. Upstream comes again by and by.
                if (change is { New: null, Old: { } gone } && gone.ControllerRef() is null && StatefulPods.SetOf(gone.Metadata.Name) is { } name && sets.Cache.Find(gone.Metadata.Namespace, name) is not null)
                {
                    controller.Runner.Queue.Add(new(gone.Metadata.Namespace, name));
                }
            })
            .On(claims, change =>
            {
                // A new pod may wait until an old claim of its name is gone.
                if (change.Kind == ChangeKind.Deleted)
                {
                    foreach (var set in sets.Cache.List(change.Key.Namespace).Where(s => IsClaimOf(s, change.Key.Name)))
                    {
                        controller.Runner.Queue.Add(ObjectKey.Of(set));
                    }
                }
            });
        var caches = new StatefulSetCaches(sets.Cache, pods.Cache, claims.Cache, revisions.Cache);
        if (context.Options.Features.IsEnabled("MaxUnavailableStatefulSet"))
        {
            context.Options.Metrics.Workloads.Follow(() => sets.Cache.List()
                .Where(s => s.Spec.UpdateStrategy.Type != StatefulSetUpdateStrategyType.OnDelete)
                .Select(s => (s, StatefulSetRollout.MaxUnavailable(s), Math.Max(0, StatefulPods.Replicas(s) - s.Status.AvailableReplicas))));
        }

        return controller.Build(new StatefulSetReconciler(caches, controller.Client, controller.Events, context.Options.Features, context.Time));
    }

    private static bool IsClaimOf(StatefulSet set, string claim) =>
        set.Spec.VolumeClaimTemplates.Any(t => claim.StartsWith($"{t.Metadata.Name}-{set.Metadata.Name}-", StringComparison.Ordinal));

    /// <summary>An orphan may be adopted by any set whose selector matches.</summary>
    private static IEnumerable<ObjectKey> Matching(ICache<StatefulSet> sets, Pod pod) =>
        pod.ControllerRef() is not null || pod.IsDeleting()
            ? []
            : sets.List(pod.Metadata.Namespace).Where(s => Selector.From(s.Spec.Selector).Matches(pod.Metadata.Labels)).Select(s => ObjectKey.Of(s));
}
