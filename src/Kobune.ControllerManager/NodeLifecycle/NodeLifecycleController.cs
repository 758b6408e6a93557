using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>Registration of the node lifecycle controller.</summary>
internal static class NodeLifecycleController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("node-lifecycle", "node-controller", workers: 4);
        var nodes = controller.Informer<Node>();
        var leases = controller.Informer<Lease>();
        var pods = controller.Informer<Pod>();
        var heartbeats = new Heartbeats(context.Time);
        context.Options.Metrics.Nodes.Follow(() => nodes.Cache.List());
        controller.Runner
            .On(leases, heartbeats.Observe)
            .On(nodes, heartbeats.Observe)
            .On(nodes, context.Options.Metrics.Nodes.Changed)
            .On(nodes, change =>
            {
                controller.Runner.Queue.Add(change.Key);
                Announce(controller.Events, change);
                if (change.New is null || change.Old is null || NodeHealthPlan.IsReady(change.Old) != NodeHealthPlan.IsReady(change.New))
                {
                    // What is down elsewhere decides whether pods may be driven off here.
                    foreach (var other in nodes.Cache.List().Where(n => !NodeHealthPlan.IsReady(n)))
                    {
                        controller.Runner.Queue.Add(ObjectKey.Of(other));
                    }
                }
            })
            .On(pods, change =>
            {
                // A pod that was seen ready only after its node fell silent is marked as well. Source: node lifecycle controller, processPod.
                if (change.New is { Spec.NodeName: { Length: > 0 } name } pod && pod.IsReady() && nodes.Cache.Find(new("", name)) is { } node && !NodeHealthPlan.IsReady(node))
                {
                    controller.Runner.Queue.Add(ObjectKey.Of(node));
                }
            });
        var rounds = new NodeRounds(context.Time, () => controller.Runner.Queue.Count > 0, context.Options.Metrics.Nodes.LookedAtAll);
        return controller.Build(new NodeLifecycleReconciler(nodes.Cache, pods.Cache, heartbeats, rounds, controller.Client, controller.Events, context.Options, context.Time));
    }

    private static void Announce(IEventRecorder events, Change<Node> change)
    {
        var name = change.Key.Name;
        if (change.Kind == ChangeKind.Added)
        {
            events.Normal(change.Object, "RegisteredNode", $"Node {name} event: Registered Node {name} in Controller");
        }
        else if (change.Kind == ChangeKind.Deleted)
        {
            events.Normal(change.Object, "RemovingNode", $"Node {name} event: Removing Node {name} from Controller");
        }
    }
}
