using Kobune.Api.Resources;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>From the decision for a node to the binding, and back.</summary>
internal sealed partial class DynamicResources
{
    public Status? Reserve(CycleState state, PodInfo pod, string nodeName)
    {
        if (state.Find<PodDevices>(this) is not { } devices)
        {
            return null;
        }

        if (devices.Found.GetValueOrDefault(nodeName) is not { } found)
        {
            // Where device plugins have all that the pod asks for there is nothing to claim.
            return devices.Wishes.Count == 0 ? null : Status.Error(PluginName, $"claim allocation not found for node {nodeName}");
        }

        var reserved = new Reserved(devices, found);
        state.Write(this, reserved);
        for (var i = 0; i < found.Wishes.Count; i++)
        {
            if (!view.Begin(found.Wishes[i].Claim, found.Results[i]))
            {
                return Status.Unschedulable(PluginName, "resource claim is in the process of being allocated");
            }

            reserved.Begun.Add(found.Wishes[i].Claim);
        }

        return null;
    }

    public async Task UnreserveAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        if (state.Find<Reserved>(this) is not { } reserved)
        {
            return;
        }

        foreach (var claim in reserved.Begun)
        {
            view.End(claim);
        }

        try
        {
            foreach (var claim in reserved.Written)
            {
                await (ExtendedResources.IsMadeForThem(claim) ? writer.DeleteAsync(claim, ct) : writer.ReleaseAsync(pod.Pod, claim, ct));
            }
        }
        catch (Exception e) when (e is ApiException or OperationCanceledException)
        {
            // The next cycle finds what is left: a claim that the pod has already, or one that stands in its way.
        }
    }

    public async Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        var reserved = state.Find<Reserved>(this);
        if (reserved is null && state.Find<PodDevices>(this) is { } known)
        {
            state.Write(this, reserved = new(known, null));
        }

        if (reserved is null)
        {
            return null;
        }

        try
        {
            for (var i = 0; i < (reserved.Found?.Wishes.Count ?? 0); i++)
            {
                await WriteAsync(reserved, pod, i, ct);
            }

            foreach (var claim in reserved.Devices.Allocated.Where(c => !PodDeviceClaims.IsReservedFor(pod.Pod, c)))
            {
                reserved.Written.Add(await writer.BindAsync(pod.Pod, claim, null, ct));
            }

            return await WaitAsync(pod, nodeName, [.. reserved.Devices.Allocated.ExceptBy(reserved.Written.Select(w => w.Metadata.Uid), c => c.Metadata.Uid), .. reserved.Written], ct);
        }
        catch (Exception e) when (e is ApiException or DeviceException)
        {
            return Status.Error(PluginName, e.Message);
        }
    }

    /// <summary>Some devices are made ready for their node only now.</summary>
    private async Task<Status?> WaitAsync(PodInfo pod, string nodeName, List<ResourceClaim> claims, CancellationToken ct)
    {
        if (!claims.Any(DeviceBinding.HasConditions))
        {
            return null;
        }

        events.Normal(pod.Pod, "BindingConditionsPending", $"waiting for binding conditions for device on node {nodeName}");
        var start = time.GetTimestamp();
        var ended = DeviceMetrics.Failure;
        try
        {
            var problem = await writer.WaitAsync(claims, profile.DeviceBindingTimeout, ct);
            ended = problem switch { null => DeviceMetrics.Success, ClaimWriter.TimedOut => DeviceMetrics.Timeout, _ => DeviceMetrics.Failure };
            return problem is null ? null : Status.Error(PluginName, problem);
        }
        finally
        {
            metrics.Waited(DeviceBinding.WaitedFor(claims), profile.SchedulerName, ended, time.GetElapsedTime(start));
        }
    }

    private async Task WriteAsync(Reserved reserved, PodInfo pod, int place, CancellationToken ct)
    {
        var (wish, result, extended) = (reserved.Found!.Wishes[place], reserved.Found.Results[place], reserved.Found.Extended);
        if (wish != extended?.Claim)
        {
            reserved.Written.Add(await writer.BindAsync(pod.Pod, wish.Claim, result, ct));
            return;
        }

        var made = await CreateAsync(wish.Claim, ct);
        reserved.Written.Add(made); // from here on it is there to be deleted
        reserved.Written[^1] = await writer.BindAsync(pod.Pod, made, result, ct);
        await writer.SeeAsync(made, ct); // what is decided for others counts what caches show
        view.End(wish.Claim);
        await writer.TellAsync(pod.Pod, made, extended.Mappings, ct);
    }

    private async Task<ResourceClaim> CreateAsync(ResourceClaim claim, CancellationToken ct)
    {
        var isDone = false;
        try
        {
            var made = await writer.CreateAsync(claim, ct);
            isDone = true;
            return made;
        }
        finally
        {
            metrics.Created(isDone);
        }
    }

    /// <summary>What is being written for the pod.</summary>
    private sealed record Reserved(PodDevices Devices, FoundDevices? Found)
    {
        /// <summary>Claims whose allocation others have to reckon with.</summary>
        public List<ResourceClaim> Begun { get; } = [];

        /// <summary>Claims that the server has for the pod since.</summary>
        public List<ResourceClaim> Written { get; } = [];
    }
}
