using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Ownership;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Deployments;

/// <summary>Moves each Deployment towards its template through ReplicaSets.</summary>
internal sealed class DeploymentReconciler(ICache<Deployment> deployments, ICache<ReplicaSet> sets, ICache<Pod> pods, IClient client, IEventRecorder events, TimeProvider time) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (deployments.Find(key) is not { } deployment)
        {
            return ReconcileResult.Done;
        }

        var selector = Selector.From(deployment.Spec.Selector);
        if (selector.IsEverything)
        {
            events.Warning(deployment, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
            await WriteAsync(deployment, deployment with { Status = deployment.Status with { ObservedGeneration = deployment.Metadata.Generation } }, ct);
            return ReconcileResult.Done;
        }

        var owned = await OwnerClaim.ClaimAsync(client, deployment, selector, sets, ct);
        var resumed = deployment.Spec.Paused ? deployment : DeploymentStatusPlan.WithPause(deployment, time.GetUtcNow());
        var plan = DeploymentPlan.Compute(new(resumed, owned, HasRunningPods, time.GetUtcNow()));
        await ActAsync(deployment, plan, ct);
        await WriteAsync(deployment, plan.Desired, ct);
        return ReconcileResult.RequeueAfter(plan.LookAgain);
    }

    private bool HasRunningPods(ReplicaSet set) => pods.ByOwner(set.Metadata.Uid).Any(p => !p.IsTerminal());

    private async Task ActAsync(Deployment deployment, DeploymentPlan plan, CancellationToken ct)
    {
        if (plan.Create is { } created)
        {
            await CreateAsync(deployment, created, ct);
        }

        foreach (var change in plan.Changes)
        {
            var patch = Patch.Between(change.From, change.To)!.WithRevision(change.From.Metadata.ResourceVersion);
            await client.PatchAsync<ReplicaSet>(change.From.Metadata.Namespace, change.From.Metadata.Name, patch, null, ct);
            if (change.Event is { } text)
            {
                events.Normal(deployment, "ScalingReplicaSet", text);
            }
        }

        foreach (var old in plan.Delete)
        {
            await DeleteAsync(old, ct);
        }
    }

    private async Task CreateAsync(Deployment deployment, ReplicaSet set, CancellationToken ct)
    {
        try
        {
            await client.CreateAsync(set, ct);
            if (set.Spec.Replicas > 0)
            {
                events.Normal(deployment, "ScalingReplicaSet", $"Scaled up replica set {set.Metadata.Name} from 0 to {set.Spec.Replicas}");
            }
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            await ResolveCollisionAsync(deployment, set, e, ct);
        }
        catch (ApiException e) when (!e.IsNamespaceTerminating)
        {
            if (DeploymentMath.HasDeadline(deployment))
            {
                await WriteAsync(deployment, deployment with { Status = DeploymentStatusPlan.CreateFailed(deployment, set.Metadata.Name, e.Message, time.GetUtcNow()) }, ct);
            }

            events.Warning(deployment, "ReplicaSetCreateError", DeploymentStatusPlan.CreateError(set.Metadata.Name, e.Message));
            throw;
        }
    }

    /// <summary>
    /// The name is taken: by ours, which the cache did not show, or by one that it did not show to be free, which the next look adopts; or by another template of the same hash, which the
    /// next count avoids.
    /// </summary>
    private async Task ResolveCollisionAsync(Deployment deployment, ReplicaSet wanted, ApiException refusal, CancellationToken ct)
    {
        var taken = await client.GetAsync<ReplicaSet>(wanted.Metadata.Namespace, wanted.Metadata.Name, ct);
        if (PodTemplateHash.EqualIgnoringHash(taken.Spec.Template, deployment.Spec.Template))
        {
            if (taken.ControllerRef()?.Uid == deployment.Metadata.Uid)
            {
                return;
            }

            if (taken.ControllerRef() is null)
            {
                throw refusal;
            }
        }

        await WriteAsync(deployment, deployment with { Status = deployment.Status with { CollisionCount = (deployment.Status.CollisionCount ?? 0) + 1 } }, ct);
        throw new HashCollisionException($"The name {wanted.Metadata.Name} is taken by another ReplicaSet; the next attempt takes another hash.");
    }

    private async Task DeleteAsync(ReplicaSet old, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<ReplicaSet>(old.Metadata.Namespace, old.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = old.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already, or another one of this name.
        }
    }

    private async Task WriteAsync(Deployment before, Deployment after, CancellationToken ct)
    {
        if (after.Status != before.Status || after.Metadata != before.Metadata)
        {
            await client.UpdateStatusAsync(after, ct); // upstream's status update carries the revision annotation too
        }
    }
}

/// <summary>Two templates have the same hash.</summary>
internal sealed class HashCollisionException(string message) : Exception(message);
