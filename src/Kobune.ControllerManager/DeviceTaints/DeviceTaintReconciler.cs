using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.DeviceTaints;

/// <summary>Deletes a pod when it may not use one of its devices any more.</summary>
internal sealed class DeviceTaintReconciler(ICache<Pod> pods, ClaimedDevices devices, TaintRuleStatus? rules, IClient client, IEventRecorder events, ClaimMetrics metrics, TimeProvider time) : IReconciler
{
    private const string Reason = "DeviceTaintManagerEviction";
    private readonly ConcurrentDictionary<ObjectKey, string> _marked = new(); // pod to UID, for the event that takes a mark back

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (key.Namespace.Length == 0)
        {
            return rules is null ? ReconcileResult.Done : await rules.TellAsync(key.Name, ct);
        }

        var pod = pods.Find(key) is { } found && ClaimedDevices.MayLeave(found) ? found : null;
        if (pod is null || devices.LeaveAt(pod) is not { } at)
        {
            if (_marked.TryRemove(key, out var uid) && pod?.Metadata.Uid == uid)
            {
                events.Normal(pod, Reason, "Cancelling deletion");
            }

            return ReconcileResult.Done;
        }

        if (at - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            _marked[key] = pod.Metadata.Uid;
            rules?.Waits(pod);
            return ReconcileResult.RequeueAfter(left);
        }

        _marked.TryRemove(key, out _);
        events.Normal(pod, Reason, "Marking for deletion");
        await client.DeleteMarkedAsync(pod, "DeletionByDeviceTaintManager", "Device Taint manager: deleting due to NoExecute taint", time.GetUtcNow(), ct);
        metrics.Evicted(time.GetUtcNow() - at);
        rules?.Evicted(pod);
        return ReconcileResult.Done;
    }
}
