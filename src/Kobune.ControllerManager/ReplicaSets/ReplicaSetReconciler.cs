using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.Ownership;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.ReplicaSets;

/// <summary>Keeps the wanted number of pods of each ReplicaSet, and of each ReplicationController, which is one by another name.</summary>
/// <typeparam name="T">The kind.</typeparam>
/// <param name="kind">How objects of the kind are seen as ReplicaSets.</param>
/// <param name="sets">The objects.</param>
/// <param name="pods">All pods.</param>
/// <param name="client">Writes pods and status.</param>
/// <param name="events">Tells what was done.</param>
/// <param name="features">What decides which pods go first.</param>
/// <param name="metrics">Counts what is chosen.</param>
/// <param name="time">For ages.</param>
internal sealed class ReplicaSetReconciler<T>(ReplicaKind<T> kind, ICache<T> sets, ICache<Pod> pods, IClient client, IEventRecorder events, FeatureGates features, WorkloadMetrics metrics, TimeProvider time) : IReconciler
    where T : class, IKubernetesObject<T>
{
    private readonly PodControl _pods = new(client, events);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (sets.Find(key) is not { } owner)
        {
            return ReconcileResult.Done;
        }

        var set = kind.AsSet(owner);
        var owned = await OwnerClaim.ClaimAsync(client, owner, Selector.From(set.Spec.Selector), pods, ct);
        Exception? error = null;
        (string Reason, string Message)? failure = null;
        if (!owner.IsDeleting())
        {
            var plan = ReplicaSetPlan.Compute(set, owned, () => RelatedPods(owner), features, time.GetUtcNow());
            if (plan.Delete.Count > 0 && owned.FindAll(p => p.IsActive()) is var active && plan.Delete.Count < active.Count)
            {
                metrics.PodsChosen(active, plan.Delete, time.GetUtcNow());
            }

            error = await ActAsync(owner, set.Spec.Template, plan, ct);
            failure = error is null ? null : (plan.Create > 0 ? "FailedCreate" : "FailedDelete", error.Message);
        }

        await WriteStatusAsync(owner, set, owned, failure, ct);
        if (error is not null)
        {
            throw error;
        }

        return ReconcileResult.RequeueAfter(PodFacts.NextAvailable(owned, set.Spec.MinReadySeconds, time.GetUtcNow()));
    }

    private List<Pod> RelatedPods(T set)
    {
        var controller = set.ControllerRef();
        var family = controller is null ? [set] : sets.ByOwner(controller.Uid).Where(s => s.ControllerRef()?.Uid == controller.Uid);
        return [.. family.SelectMany(s => pods.ByOwner(s.Metadata.Uid)).Where(p => p.IsActive())];
    }

    private async Task<Exception?> ActAsync(T set, PodTemplateSpec template, ReplicaSetPlan plan, CancellationToken ct)
    {
        if (plan.Create > 0)
        {
            return await SlowStart.RunAsync(plan.Create, token => _pods.CreateAsync(set, PodFromTemplate.Make(template, set), token), ct);
        }

        var results = await Task.WhenAll(plan.Delete.Select(p => _pods.DeleteAsync(set, p, ct)));
        return results.FirstOrDefault(e => e is not null);
    }

    private async Task WriteStatusAsync(T owner, ReplicaSet set, List<Pod> owned, (string Reason, string Message)? failure, CancellationToken ct)
    {
        var status = ReplicaSetStatusPlan.Compute(set, owned, failure, time.GetUtcNow());
        if (status != set.Status)
        {
            await client.UpdateStatusAsync(kind.WithStatus(owner, status), ct);
        }
    }
}
