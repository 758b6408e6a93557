using System.Collections.Concurrent;
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
    private const string Reason = "TaintManagerEviction";
    private readonly ConcurrentDictionary<ObjectKey, (string Uid, DateTimeOffset At)> _planned = new();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (pods.Find(key) is not { } pod)
        {
            if (_planned.TryRemove(key, out var was) && was.At > now)
            {
                events.Record(new ObjectReference { APIVersion = "v1", Kind = "Pod", Namespace = key.Namespace, Name = key.Name }, "Normal", Reason, Cancelling(key)); // it went before its time
            }

            return ReconcileResult.Done;
        }

        if (pod.IsDeleting())
        {
            return ReconcileResult.Done; // what is planned for it stands until it is gone
        }

        DateTimeOffset? planned = _planned.TryGetValue(key, out var known) && known.Uid == pod.Metadata.Uid ? known.At : null;

        // The end of a node changes nothing of what is planned.
        var plan = nodes.Find("", pod.Spec.NodeName) is { } node ? TaintEvictionPlan.Compute(pod, node, planned, now) : new(planned, false);
        if (plan.IsCancelled)
        {
            events.Normal(pod, Reason, Cancelling(key));
        }

        if (plan.At > now)
        {
            _planned[key] = (pod.Metadata.Uid, plan.At.Value);
            return ReconcileResult.RequeueAfter(plan.At - now);
        }

        _planned.TryRemove(key, out _);
        return plan.At is { } at ? await EvictAsync(pod, at, ct) : ReconcileResult.Done;
    }

    private static string Cancelling(ObjectKey key) => $"Cancelling deletion of Pod {key}";

    private async Task<ReconcileResult> EvictAsync(Pod pod, DateTimeOffset at, CancellationToken ct)
    {
        events.Normal(pod, Reason, $"Marking for deletion Pod {ObjectKey.Of(pod)}");
        await client.DeleteMarkedAsync(pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", time.GetUtcNow(), ct);
        metrics.PodEvicted(time.GetUtcNow() - at);
        return ReconcileResult.Done;
    }
}
