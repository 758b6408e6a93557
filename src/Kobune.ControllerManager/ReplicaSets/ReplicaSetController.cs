using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ReplicaSets;

/// <summary>Registration of the ReplicaSet controller.</summary>
internal static class ReplicaSetController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("replicaset", "replicaset-controller");
        var sets = controller.Informer<ReplicaSet>();
        var pods = controller.Informer<Pod>();
        controller.Runner
            .For(sets)
            .Owns(pods, "ReplicaSet")
            .Watches(pods, pod => Matching(sets.Cache, pod));
        return controller.Build(new ReplicaSetReconciler(sets.Cache, pods.Cache, controller.Client, controller.Events, context.Options.Features, context.Time));
    }

    /// <summary>An orphan may be adopted by any set whose selector matches.</summary>
    private static IEnumerable<ObjectKey> Matching(ICache<ReplicaSet> sets, Pod pod) =>
        pod.ControllerRef() is not null || pod.IsDeleting()
            ? []
            : sets.List(pod.Metadata.Namespace).Where(s => Selector.From(s.Spec.Selector).Matches(pod.Metadata.Labels)).Select(s => ObjectKey.Of(s));
}
