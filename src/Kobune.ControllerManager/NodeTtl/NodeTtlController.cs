using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.NodeTtl;

/// <summary>Registration of the controller that tells kubelets how long they may keep Secrets and ConfigMaps: the longer the more nodes there are.</summary>
internal static class NodeTtlController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("ttl", "ttl-controller");
        var nodes = controller.Informer<Node>();
        var plan = new NodeTtlPlan();
        controller.Runner.On(nodes, change =>
        {
            if (change.Old is null || change.New is null)
            {
                plan.Counted(change.New is not null);
            }

            if (change.New is not null)
            {
                controller.Runner.Queue.Add(change.Key); // those that are there hear of a new value with their next change
            }
        });
        return controller.Build(new NodeTtlReconciler(nodes.Cache, plan, controller.Client));
    }
}

/// <summary>Writes the annotation.</summary>
internal sealed class NodeTtlReconciler(ICache<Node> nodes, NodeTtlPlan plan, IClient client) : IReconciler
{
    public const string Annotation = "node.alpha.kubernetes.io/ttl";

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var wanted = plan.Seconds.ToString(CultureInfo.InvariantCulture);
        if (nodes.Find(key) is not { } node || node.Metadata.Annotations.GetValueOrDefault(Annotation) == wanted)
        {
            return ReconcileResult.Done;
        }

        try
        {
            await client.PatchAsync<Node>("", key.Name, Patch.Strategic(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotation] = wanted } } }), null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }

        return ReconcileResult.Done;
    }
}
