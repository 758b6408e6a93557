using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Deployments;

/// <summary>Registration of the Deployment controller.</summary>
internal static class DeploymentController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("deployment", "deployment-controller");
        var deployments = controller.Informer<Deployment>();
        var sets = controller.Informer<ReplicaSet>();
        var pods = controller.Informer<Pod>();
        controller.Runner
            .For(deployments)
            .Owns(sets, "Deployment")
            .Watches(sets, set => Matching(deployments.Cache, set))
            .On(pods, change =>
            {
                // Recreate waits for the last old pod to go.
                if (change.Kind == ChangeKind.Deleted && change.Object.ControllerRef() is { Kind: "ReplicaSet" } owner
                    && sets.Cache.Find(change.Key.Namespace, owner.Name)?.ControllerRef() is { Kind: "Deployment" } deployment
                    && deployments.Cache.Find(change.Key.Namespace, deployment.Name)?.Spec.Strategy.Type == DeploymentStrategyType.Recreate)
                {
                    controller.Runner.Queue.Add(new(change.Key.Namespace, deployment.Name));
                }
            });
        return controller.Build(new DeploymentReconciler(deployments.Cache, sets.Cache, pods.Cache, controller.Client, controller.Events, context.Time));
    }

    /// <summary>An orphan may be adopted by any Deployment whose selector matches.</summary>
    private static IEnumerable<ObjectKey> Matching(ICache<Deployment> deployments, ReplicaSet set) =>
        set.ControllerRef() is not null || set.IsDeleting()
            ? []
            : deployments.List(set.Metadata.Namespace).Where(d => Selector.From(d.Spec.Selector).Matches(set.Metadata.Labels)).Select(d => ObjectKey.Of(d));
}
