using Kobune.Api.Rbac.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ClusterRoleAggregation;

/// <summary>Registration of the controller of aggregated cluster roles.</summary>
internal static class ClusterRoleAggregationController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("clusterrole-aggregation", "clusterrole-aggregation-controller");
        var roles = controller.Informer<ClusterRole>();
        controller.Runner.On(roles, _ =>
        {
            // Any role can be a part of any aggregated one.
            foreach (var aggregated in roles.Cache.List().Where(r => r.AggregationRule is not null))
            {
                controller.Runner.Queue.Add(ObjectKey.Of(aggregated));
            }
        });
        return controller.Build(new ClusterRoleAggregationReconciler(roles.Cache, controller.Client));
    }
}

/// <summary>Keeps the rules of aggregated roles.</summary>
internal sealed class ClusterRoleAggregationReconciler(ICache<ClusterRole> roles, IClient client) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (roles.Find(key) is not { } role || ClusterRoleAggregationPlan.Compute(role, roles.List()) is not { } rules || rules.SequenceEqual(role.Rules))
        {
            return ReconcileResult.Done;
        }

        if (Patch.Between(role, role with { Rules = rules }) is { } patch)
        {
            await client.PatchAsync<ClusterRole>("", key.Name, patch.WithRevision(role.Metadata.ResourceVersion), null, ct);
        }

        return ReconcileResult.Done;
    }
}
