using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>Registration of the DaemonSet controller.</summary>
internal static class DaemonSetController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("daemonset", "daemon-set-controller", workers: 2, eventSource: "daemonset-controller");
        var sets = controller.Informer<DaemonSet>();
        var pods = controller.Informer<Pod>();
        var nodes = controller.Informer<Node>();
        var revisions = controller.Informer<ControllerRevision>();
        controller.Runner
            .For(sets)
            .Owns(pods, "DaemonSet")
            .Watches(pods, pod => Matching(sets.Cache, pod))
            .Watches(revisions, revision => Matching(sets.Cache, revision))
            .On(revisions, change =>
            {
                // A revision that comes with its owner is looked at with the next change of another kind, as upstream does.
                if (change.Kind != ChangeKind.Added && change.Object.ControllerRef() is { Kind: "DaemonSet" } owner)
                {
                    controller.Runner.Queue.Add(new(change.Key.Namespace, owner.Name));
                }
            })
            .On(nodes, change =>
            {
                foreach (var set in sets.Cache.Count == 0 ? [] : sets.Cache.List())
                {
                    if (Concerns(set, change))
                    {
                        controller.Runner.Queue.Add(ObjectKey.Of(set));
                    }
                }
            });
        var caches = new DaemonSetCaches(sets.Cache, pods.Cache, nodes.Cache, revisions.Cache);
        return controller.Build(new DaemonSetReconciler(caches, controller.Client, controller.Events, context.Options.Features.Version, context.Time));
    }

    /// <summary>Whether a change of a node changes what the set does there.</summary>
    private static bool Concerns(DaemonSet set, Change<Node> change) => change switch
    {
        { Old: { } old, New: { } now } => DaemonNodes.Matters(old, now) && DaemonNodes.Decide(set, old) != DaemonNodes.Decide(set, now),
        _ => DaemonNodes.Decide(set, change.Object) != (false, false),
    };

    /// <summary>An orphan may be adopted by any set whose selector matches.</summary>
    private static IEnumerable<ObjectKey> Matching(ICache<DaemonSet> sets, IKubernetesObject orphan) =>
        orphan.ControllerRef() is not null || orphan.IsDeleting()
            ? []
            : sets.List(orphan.Metadata.Namespace).Where(s => Selector.From(s.Spec.Selector).Matches(orphan.Metadata.Labels)).Select(s => ObjectKey.Of(s));
}
