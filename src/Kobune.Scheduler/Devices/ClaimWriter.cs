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
    private const int MaxTries = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(600); // upstream's bindingTimeout

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

    /// <summary>Null when all devices are ready to be used; else why not, and the claims have nothing any more.</summary>
    public async Task<string?> WaitAsync(IReadOnlyList<ResourceClaim> claims, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        var changed = new WakeSignal(time);
        using var subscription = view.Claims.Subscribe(_ => changed.Wake());
        string? problem = null;
        try
        {
            while (problem is null)
            {
                var now = claims.Select(c => view.FindClaim(c.Metadata.Namespace, c.Metadata.Name) ?? c).ToList();
                if (now.All(c => IsReady(c, out problem)))
                {
                    return null;
                }

                if (problem is null)
                {
                    await changed.WaitAsync(either.Token);
                }
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            problem = "device binding timeout";
        }

        foreach (var claim in claims.Select(c => view.FindClaim(c.Metadata.Namespace, c.Metadata.Name)).OfType<ResourceClaim>().Where(c => !IsReady(c, out _)))
        {
            await FreeAsync(claim, ct);
        }

        return problem;
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

    /// <summary>Whether all conditions that devices bind by are there; a condition of failure decides too.</summary>
    private static bool IsReady(ResourceClaim claim, out string? problem)
    {
        problem = null;
        var isReady = true;
        foreach (var result in claim.Status.Allocation?.Devices.Results ?? [])
        {
            if (result.BindingConditions.Count == 0)
            {
                continue;
            }

            var status = claim.Status.Devices.FirstOrDefault(d => d.Driver == result.Driver && d.Pool == result.Pool && d.Device == result.Device && d.ShareID == result.ShareID);
            var conditions = status?.Conditions.Where(c => c.Status == "True").Select(c => c.Type).ToHashSet() ?? [];
            if (result.BindingFailureConditions.FirstOrDefault(conditions.Contains) is { } failed)
            {
                problem = $"claim {claim.Metadata.Name} binding failed: device {result.Device} has condition {failed}";
                return false;
            }

            isReady &= result.BindingConditions.All(conditions.Contains);
        }

        return isReady;
    }
}
