using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Ownership;
using Kobune.ControllerManager.Pods;
using Kobune.ControllerManager.Revisions;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>What the reconciler reads.</summary>
internal sealed record StatefulSetCaches(ICache<StatefulSet> Sets, ICache<Pod> Pods, ICache<PersistentVolumeClaim> Claims, ICache<ControllerRevision> Revisions);

/// <summary>Moves each StatefulSet one step towards its template and size.</summary>
internal sealed class StatefulSetReconciler(StatefulSetCaches caches, IClient client, IEventRecorder events, FeatureGates features, TimeProvider time) : IReconciler
{
    private readonly StatefulPodControl _pods = new(caches.Claims, client, events);
    private readonly StatefulSetRevisions _revisions = new(caches.Revisions, client, features.Version);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (caches.Sets.Find(key) is not { } set)
        {
            return ReconcileResult.Done;
        }

        var selector = Selector.From(set.Spec.Selector);
        var revisions = await _revisions.ClaimAsync(set, selector, ct);
        var pods = await OwnerClaim.ClaimAsync(client, set, p => StatefulPods.IsMember(set, p) && selector.Matches(p.Metadata.Labels), caches.Pods, null, ct);
        if (await _revisions.UpdateRevisionAsync(set, revisions, ct) is not var (update, collisions))
        {
            return ReconcileResult.Done;
        }

        var current = revisions.Find(r => r.Metadata.Name == set.Status.CurrentRevision);
        var view = new StatefulSetView(
            set,
            pods,
            current is null ? RevisionOf(update) : RevisionOf(current),
            new(update.Metadata.Name, set.Spec.Template),
            name => caches.Claims.Find(set.Metadata.Namespace, name),
            features.IsEnabled("MaxUnavailableStatefulSet"),
            time.GetUtcNow());
        var plan = StatefulSetPlan.Compute(view);
        var (error, replaced) = await ActAsync(set, plan, ct);
        var status = StatefulSetStatusPlan.Compute(view, replaced, collisions);
        if (status != set.Status)
        {
            await client.UpdateStatusAsync(set with { Status = status }, ct);
        }

        await _revisions.TruncateAsync(set, pods, revisions, view, ct);
        return error is null ? ReconcileResult.RequeueAfter(PodFacts.NextAvailable(pods, set.Spec.MinReadySeconds, time.GetUtcNow())) : throw error;

        SetRevision RevisionOf(ControllerRevision revision) => new(revision.Metadata.Name, RevisionData.Template(revision) ?? set.Spec.Template);
    }

    /// <summary>Does what is planned until something fails; the failure, and the pods that went for a rolling update.</summary>
    private async Task<(Exception? Error, IReadOnlyList<Pod> Replaced)> ActAsync(StatefulSet set, StatefulSetPlan plan, CancellationToken ct)
    {
        var replaced = new List<Pod>();
        var error = await ForAllAsync(set, plan.Steps.GroupBy(s => s.Pod.Metadata.Name), async (steps, token) =>
        {
            foreach (var step in steps)
            {
                await _pods.RunAsync(set, step, token);
            }
        }, ct);
        error ??= await ForAllAsync(set, plan.Disown, (pod, token) => _pods.OwnClaimsAsync(set, pod, token), ct);
        error ??= await ForAllAsync(set, plan.ScaleDown, (pod, token) => _pods.DeleteAsync(set, pod, token), ct);
        error ??= await SlowStart.TryAsync(async token =>
        {
            foreach (var pod in plan.Replace)
            {
                await _pods.DeleteAsync(set, pod, token);
                replaced.Add(pod);
            }
        }, ct);
        return (error, replaced);
    }

    /// <summary>One after the other, or in growing batches where the pods need not wait for each other.</summary>
    private static async Task<Exception?> ForAllAsync<T>(StatefulSet set, IEnumerable<T> items, Func<T, CancellationToken, Task> action, CancellationToken ct)
    {
        var all = items.ToList();
        if (StatefulSetPlan.IsParallel(set))
        {
            var next = -1;
            return await SlowStart.RunAsync(all.Count, token => SlowStart.TryAsync(t => action(all[Interlocked.Increment(ref next)], t), token), ct);
        }

        foreach (var item in all)
        {
            if (await SlowStart.TryAsync(token => action(item, token), ct) is { } error)
            {
                return error;
            }
        }

        return null;
    }
}
