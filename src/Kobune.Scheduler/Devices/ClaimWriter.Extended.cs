using System.Text.Json.Nodes;
using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>The claim for a pod's extended resources, which is the scheduler's own.</summary>
internal sealed partial class ClaimWriter
{
    private static readonly TimeSpan CachePatience = TimeSpan.FromSeconds(120);

    /// <summary>Makes the claim; the server names it.</summary>
    public Task<ResourceClaim> CreateAsync(ResourceClaim claim, CancellationToken ct) =>
        client.CreateAsync(claim with { Metadata = claim.Metadata with { Name = "", Uid = "" } }, ct);

    /// <summary>Waits until the cache shows a claim. One that it does not show for long is there all the same.</summary>
    public async Task SeeAsync(ResourceClaim claim, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(CachePatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        var changed = new WakeSignal(time);
        using var subscription = view.Claims.Subscribe(_ => changed.Wake());
        try
        {
            while (view.Claims.Cache.Find(claim.Metadata.Namespace, claim.Metadata.Name) is null)
            {
                await changed.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Upstream goes on too.
        }
    }

    /// <summary>Tells the pod which claim it has, and which container gets what of it.</summary>
    public Task TellAsync(Pod pod, ResourceClaim claim, IReadOnlyList<ContainerExtendedResourceRequest> mappings, CancellationToken ct)
    {
        var requests = mappings.Select(m => (JsonNode)new JsonObject { ["containerName"] = m.ContainerName, ["resourceName"] = m.ResourceName, ["requestName"] = m.RequestName });
        var status = new JsonObject { ["requestMappings"] = new JsonArray([.. requests]), ["resourceClaimName"] = claim.Metadata.Name };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid }, ["status"] = new JsonObject { ["extendedResourceClaimStatus"] = status } };
        return client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, Patch.Strategic(patch), "status", ct);
    }

    /// <summary>Deletes the claim, whatever it has: nobody else can use it.</summary>
    public async Task DeleteAsync(ResourceClaim claim, CancellationToken ct)
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                claim = await client.GetAsync<ResourceClaim>(claim.Metadata.Namespace, claim.Metadata.Name, ct);
                try
                {
                    await client.UpdateAsync(claim with { Metadata = claim.Metadata with { Finalizers = [.. claim.Metadata.Finalizers.Where(f => f != PodDeviceClaims.Finalizer)] } }, ct);
                    break;
                }
                catch (ApiException e) when (e.IsConflict && attempt < MaxTries)
                {
                    // Somebody else wrote it; once more with what is there now.
                }
            }

            await client.DeleteAsync<ResourceClaim>(claim.Metadata.Namespace, claim.Metadata.Name, new() { Preconditions = new() { Uid = claim.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }

        view.Deleted(claim);
    }

    /// <summary>Takes the pod from a claim's consumers; what the claim has it keeps.</summary>
    public async Task ReleaseAsync(Pod pod, ResourceClaim claim, CancellationToken ct)
    {
        var gone = new JsonObject { ["$patch"] = "delete", ["uid"] = pod.Metadata.Uid };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid }, ["status"] = new JsonObject { ["reservedFor"] = new JsonArray(gone) } };
        view.Wrote(await client.PatchAsync<ResourceClaim>(claim.Metadata.Namespace, claim.Metadata.Name, Patch.Strategic(patch), "status", ct));
    }
}
