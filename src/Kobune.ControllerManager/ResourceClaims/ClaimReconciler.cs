using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.ControllerManager.ResourceClaims;

/// <summary>Takes pods that will not run any more from a claim, gives its devices back when the last one went, and deletes it when it was made for a pod that is done.</summary>
internal sealed class ClaimReconciler(ICache<ResourceClaim> claims, ICache<Pod> pods, IClient client) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (claims.Find(key) is not { } claim)
        {
            return ReconcileResult.Done;
        }

        var valid = new List<ResourceClaimConsumerReference>();
        foreach (var consumer in claim.Status.ReservedFor)
        {
            if (consumer is not { APIGroup: "", Resource: "pods" } || await IsLiveAsync(key.Namespace, consumer, ct))
            {
                valid.Add(consumer); // what is no pod is kept by whoever reserved it
            }
        }

        try
        {
            claim = await ReleaseAsync(claim, valid, ct);
            if (valid.Count == 0 && IsMadeForDone(claim))
            {
                await client.DeleteAsync<ResourceClaim>(key.Namespace, key.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = claim.Metadata.Uid } }, ct);
            }
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone meanwhile.
        }

        return ReconcileResult.Done;
    }

    /// <summary>No container of it runs or ever will.</summary>
    internal static bool IsDone(Pod pod) => pod.IsTerminal() || (pod.IsDeleting() && pod.Spec.NodeName.Length == 0);

    private async Task<ResourceClaim> ReleaseAsync(ResourceClaim claim, List<ResourceClaimConsumerReference> valid, CancellationToken ct)
    {
        var isProtected = claim.Metadata.Finalizers.Contains(PodDeviceClaims.Finalizer);
        var isReleased = valid.Count < claim.Status.ReservedFor.Count;
        var isUnused = valid.Count == 0 && isProtected && (isReleased || claim.IsDeleting());
        if (isReleased || (isUnused && claim.Status.Allocation is not null))
        {
            // No patch: it has to fail when anything changed meanwhile.
            var allocation = isUnused ? null : claim.Status.Allocation;
            claim = await client.UpdateStatusAsync(claim with { Status = claim.Status with { ReservedFor = valid, Allocation = allocation, Devices = allocation is null ? [] : claim.Status.Devices } }, ct);
        }

        return isUnused && claim.Status.Allocation is null
            ? await client.UpdateAsync(claim with { Metadata = claim.Metadata with { Finalizers = [.. claim.Metadata.Finalizers.Where(f => f != PodDeviceClaims.Finalizer)] } }, ct)
            : claim;
    }

    private bool IsMadeForDone(ResourceClaim claim) =>
        !claim.IsDeleting() && claim.Metadata.OwnerReferences.FirstOrDefault(o => o is { Controller: true, Kind: "Pod", APIVersion: "v1" }) is { } owner
        && pods.Find(claim.Metadata.Namespace, owner.Name) is { } pod // one that is gone is the garbage collector's
        && (pod.Metadata.Uid != owner.Uid || IsDone(pod));

    /// <summary>The cache may not know the pod yet, while the scheduler gives it a node: the server has the last word.</summary>
    private async Task<bool> IsLiveAsync(string ns, ResourceClaimConsumerReference consumer, CancellationToken ct)
    {
        if (pods.Find(ns, consumer.Name) is { } known && known.Metadata.Uid == consumer.Uid)
        {
            return !IsDone(known);
        }

        try
        {
            return (await client.GetAsync<Pod>(ns, consumer.Name, ct)).Metadata.Uid == consumer.Uid;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }
}
