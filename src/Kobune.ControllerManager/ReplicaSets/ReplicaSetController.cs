using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ReplicaSets;

/// <summary>Registration of the controllers of ReplicaSets and of ReplicationControllers.</summary>
internal static class ReplicaSetController
{
    public static ControllerLoop Create(ControllerContext context) =>
        Create(context, "replicaset", "replicaset-controller", "ReplicaSet", ReplicaKinds.Sets, set => set.Spec.Selector);

    public static ControllerLoop CreateForReplicationControllers(ControllerContext context) =>
        Create(context, "replicationmanager", "replication-controller", "ReplicationController", ReplicaKinds.Controllers, ReplicaKinds.SelectorOf);

    private static ControllerLoop Create<T>(ControllerContext context, string name, string user, string ownerKind, ReplicaKind<T> kind, Func<T, LabelSelector?> selectorOf)
        where T : class, IKubernetesObject<T>
    {
        var controller = context.Controller(name, user);
        var sets = controller.Informer<T>();
        var pods = controller.Informer<Pod>();
        controller.Runner
            .For(sets)
            .Owns(pods, ownerKind)
            .Watches(pods, pod => Matching(sets.Cache, selectorOf, pod));
        return controller.Build(new ReplicaSetReconciler<T>(kind, sets.Cache, pods.Cache, controller.Client, controller.Events, context.Options.Features, context.Options.Metrics.Workloads, context.Time));
    }

    /// <summary>An orphan may be adopted by any set whose selector matches.</summary>
    private static IEnumerable<ObjectKey> Matching<T>(ICache<T> sets, Func<T, LabelSelector?> selectorOf, Pod pod)
        where T : class, IKubernetesObject<T> =>
        pod.ControllerRef() is not null || pod.IsDeleting()
            ? []
            : sets.List(pod.Metadata.Namespace).Where(s => Selector.From(selectorOf(s)).Matches(pod.Metadata.Labels)).Select(s => ObjectKey.Of(s));
}
