using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Schema;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Ownership;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>What the reconciler reads.</summary>
internal sealed record DaemonSetCaches(ICache<DaemonSet> Sets, ICache<Pod> Pods, ICache<Node> Nodes, ICache<ControllerRevision> Revisions);

/// <summary>Keeps one pod of each daemon set on each node that is to have one.</summary>
internal sealed class DaemonSetReconciler(DaemonSetCaches caches, IClient client, IEventRecorder events, KubernetesVersion release, TimeProvider time) : IReconciler
{
    private readonly PodControl _pods = new(client, events);
    private readonly DaemonSetRevisions _revisions = new(caches.Revisions, client, release);
    private readonly FailedPodBackoff _backoff = new();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (caches.Sets.Find(key) is not { } set)
        {
            _backoff.Forget(key);
            return ReconcileResult.Done;
        }

        var selector = Selector.From(set.Spec.Selector);
        if (selector.IsEverything)
        {
            events.Warning(set, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
            return ReconcileResult.Done;
        }

        if (set.IsDeleting())
        {
            return ReconcileResult.Done; // its history may be gone before its pods, so that nothing true could be said of them
        }

        IReadOnlyList<Pod> pods = await OwnerClaim.ClaimAsync(client, set, selector, caches.Pods, ct);
        var history = await _revisions.ConstructAsync(set, selector, pods, ct);
        pods = history.Pods;
        var view = DaemonSetView.Of(set, caches.Nodes.List(), pods, history.Hash, time.GetUtcNow());
        var (error, wait) = await ActAsync(view, ct);
        if (error is null)
        {
            await _revisions.TruncateAsync(set, history, pods, ct);
        }

        var status = DaemonSetStatusPlan.Compute(view) with { CollisionCount = history.Collisions };
        if (status != set.Status)
        {
            await client.UpdateStatusAsync(set with { Status = status }, ct);
        }

        var available = PodFacts.NextAvailable(pods, set.Spec.MinReadySeconds, time.GetUtcNow());
        return error is null ? ReconcileResult.RequeueAfter(wait is null || available < wait ? available : wait) : throw error;
    }

    /// <summary>The failure, or when a failed pod may be taken away that may not yet.</summary>
    private async Task<(Exception? Error, TimeSpan? Wait)> ActAsync(DaemonSetView view, CancellationToken ct)
    {
        TimeSpan? wait = null;
        var plan = DaemonSetPlan.Compute(view, node =>
        {
            var may = _backoff.TryDelete(view.Set, node, view.Now, out var left);
            wait = !may && (wait is null || left < wait) ? left : wait;
            return may;
        });
        Tell(view, plan);

        // A rolling update decides on a world without a step that is not seen yet.
        var error = await ApplyAsync(view, plan.IsNothing ? DaemonSetRollout.Compute(view) : plan, ct);
        return (error, wait);
    }

    private void Tell(DaemonSetView view, DaemonSetPlan plan)
    {
        foreach (var pod in plan.Ended)
        {
            var (what, node) = ($"daemon pod {pod.Metadata.Namespace}/{pod.Metadata.Name}", DaemonPods.TargetNode(pod));
            if (pod.Status.Phase == PodPhase.Failed)
            {
                events.Warning(view.Set, "FailedDaemonPod", $"Found failed {what} on node {node}, will try to kill it");
            }
            else
            {
                events.Normal(view.Set, "SucceededDaemonPod", $"Found succeeded {what} on node {node}, will try to delete it");
            }
        }
    }

    private async Task<Exception?> ApplyAsync(DaemonSetView view, DaemonSetPlan plan, CancellationToken ct)
    {
        var next = -1;
        var error = await SlowStart.RunAsync(
            plan.Create.Count, token => _pods.CreateAsync(view.Set, DaemonPods.Make(view.Set, plan.Create[Interlocked.Increment(ref next)], view.Hash), token), ct);
        var deleted = await Task.WhenAll(plan.Delete.Select(p => _pods.DeleteAsync(view.Set, p, ct)));
        return error ?? deleted.FirstOrDefault(e => e is not null);
    }
}
