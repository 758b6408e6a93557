using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>Writes into claims what was decided, and waits for what drivers do before a pod may be bound.</summary>
internal sealed partial class ClaimWriter(IClient client, DeviceView view, TimeProvider time)
{
    /// <summary>What <see cref="WaitAsync"/> says when the time is over.</summary>
    public const string TimedOut = "device binding timeout";

    private const int MaxTries = 5;

    /// <summary>Gives the claim its devices, where it has none, and reserves it for the pod.</summary>
    /// <exception cref="DeviceException">Somebody else was faster.</exception>
    public async Task<ResourceClaim> BindAsync(Pod pod, ResourceClaim claim, AllocationResult? allocation, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteAsync(pod, claim, allocation, ct);
            }
            catch (ApiException e) when (e.IsConflict && attempt < MaxTries)
            {
                claim = await client.GetAsync<ResourceClaim>(claim.Metadata.Namespace, claim.Metadata.Name, ct);
            }
        }
    }

    /// <summary>Gives devices back that are where the pod cannot be.</summary>
    public async Task FreeAsync(ResourceClaim claim, CancellationToken ct)
    {
        view.Wrote(await client.UpdateStatusAsync(claim with { Status = claim.Status with { Allocation = null, ReservedFor = [], Devices = [] } }, ct));
    }

    /// <summary>Null when all devices are ready to be used; else why not. The next cycle gives back what is lost.</summary>
    public async Task<string?> WaitAsync(IReadOnlyList<ResourceClaim> claims, TimeSpan timeout, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        var changed = new WakeSignal(time);
        using var subscription = view.Claims.Subscribe(_ => changed.Wake());
        try
        {
            while (true)
            {
                string? problem = null;
                if (claims.All(c => DeviceBinding.IsReady(view.FindClaim(c.Metadata.Namespace, c.Metadata.Name) ?? c, out problem)) || problem is not null)
                {
                    return problem;
                }

                await changed.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return TimedOut;
        }
    }

    private async Task<ResourceClaim> WriteAsync(Pod pod, ResourceClaim claim, AllocationResult? allocation, CancellationToken ct)
    {
        var key = $"{claim.Metadata.Namespace}/{claim.Metadata.Name}";
        if (claim.Metadata.DeletionTimestamp is not null)
        {
            throw new DeviceException($"claim {key} got deleted in the meantime");
        }

        if (allocation is not null && claim.Status.Allocation is not null)
        {
            throw new DeviceException($"claim {key} got allocated elsewhere in the meantime");
        }

        if (allocation is not null && !claim.Metadata.Finalizers.Contains(PodDeviceClaims.Finalizer))
        {
            // First, so that what is allocated cannot vanish.
            claim = await client.UpdateAsync(claim with { Metadata = claim.Metadata with { Finalizers = [.. claim.Metadata.Finalizers, PodDeviceClaims.Finalizer] } }, ct);
        }

        var status = claim.Status with { Allocation = allocation ?? claim.Status.Allocation };
        if (!PodDeviceClaims.IsReservedFor(pod, claim))
        {
            status = status with { ReservedFor = [.. claim.Status.ReservedFor, PodDeviceClaims.Consumer(pod)] };
        }

        claim = await client.UpdateStatusAsync(claim with { Status = status }, ct);
        view.Wrote(claim);
        return claim;
    }
}
