using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>Registration of the taint eviction controller.</summary>
internal static class TaintEvictionController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("taint-eviction", "node-controller", eventSource: "taint-eviction-controller");
        var nodes = controller.Informer<Node>();
        var pods = controller.Informer<Pod>();
        var byNode = pods.Cache.ByNode();
        controller.Runner
            .For(pods, pod => pod.Spec.NodeName.Length > 0 && nodes.Cache.Find("", pod.Spec.NodeName) is { } node && HasNoExecute(node))
            .On(nodes, change =>
            {
                if ((change.New is { } now && HasNoExecute(now)) || (change.Old is { } before && HasNoExecute(before)))
                {
                    foreach (var pod in byNode[change.Key.Name])
                    {
                        controller.Runner.Queue.Add(ObjectKey.Of(pod));
                    }
                }
            });
        return controller.Build(new TaintEvictionReconciler(nodes.Cache, pods.Cache, controller.Client, controller.Events, context.Options.Metrics.Upkeep, context.Time));
    }

    private static bool HasNoExecute(Node node) => node.Spec.Taints.Any(t => t.Effect == TaintEffect.NoExecute);
}

/// <summary>Deletes pods that do not tolerate their node's NoExecute taints, or no longer do.</summary>
internal sealed class TaintEvictionReconciler(ICache<Node> nodes, ICache<Pod> pods, IClient client, IEventRecorder events, UpkeepMetrics metrics, TimeProvider time) : IReconciler
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<ObjectKey, string> _marked = new(); // pod to UID, for the event that takes a mark back

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (pods.Find(key) is not { } pod || nodes.Find("", pod.Spec.NodeName) is not { } node || TaintEvictionPlan.EvictAt(pod, node) is not { } at)
        {
            if (_marked.TryRemove(key, out var uid) && pods.Find(key) is { } spared && spared.Metadata.Uid == uid && !spared.IsDeleting())
            {
                events.Normal(spared, "TaintManagerEviction", $"Cancelling deletion of Pod {key}");
            }

            return ReconcileResult.Done;
        }

        var left = at - time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            _marked[key] = pod.Metadata.Uid;
            return ReconcileResult.RequeueAfter(left);
        }

        _marked.TryRemove(key, out _);
        events.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {key}");
        await client.DeleteMarkedAsync(pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", time.GetUtcNow(), ct);
        metrics.PodEvicted(time.GetUtcNow() - at);
        return ReconcileResult.Done;
    }
}
