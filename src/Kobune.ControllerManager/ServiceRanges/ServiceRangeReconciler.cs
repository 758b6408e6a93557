using Kobune.Api.Meta.V1;
using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ServiceRanges;

/// <summary>Gives ServiceCIDRs their finalizer and the condition Ready, and lets those go that no address needs.</summary>
internal sealed class ServiceRangeReconciler(ICache<ServiceCIDR> ranges, ICache<IPAddress> addresses, IClient client, IEventRecorder events, TimeProvider time) : IReconciler
{
    private const string Ready = "Ready";

    // The servers' allocators may not have heard of the deletion yet, and give out an address meanwhile.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (ranges.Find(key) is not { } range)
        {
            return ReconcileResult.Done;
        }

        if (range.Metadata.DeletionTimestamp is { } deleted)
        {
            return await LetGoAsync(range, deleted, ct);
        }

        if (!range.Metadata.Finalizers.Contains(ServiceRangeController.Finalizer))
        {
            range = await WriteAsync(range, WithFinalizers(range, [.. range.Metadata.Finalizers, ServiceRangeController.Finalizer]), null, ct);
        }

        try
        {
            await SayAsync(range, new Condition { Type = Ready, Status = "True", Message = "Kubernetes Service CIDR is ready" }, ct);
        }
        catch (ApiException e) when (!e.IsNotFound && !e.IsConflict)
        {
            events.Warning(range, "KubernetesServiceCIDRError", "The ServiceCIDR Status can not be set to Ready=True");
            throw;
        }

        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> LetGoAsync(ServiceCIDR range, DateTimeOffset deleted, CancellationToken ct)
    {
        if (!ServiceRangePlan.CanGo(range, ranges.List(), addresses.List()))
        {
            const string Why = "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR";
            await SayAsync(range, new Condition { Type = Ready, Status = "False", Reason = "Terminating", Message = Why }, ct);
            return ReconcileResult.Done; // an address or a range that comes or goes wakes it
        }

        if (deleted + Grace - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(left);
        }

        if (range.Metadata.Finalizers.Contains(ServiceRangeController.Finalizer))
        {
            await WriteAsync(range, WithFinalizers(range, [.. range.Metadata.Finalizers.Where(f => f != ServiceRangeController.Finalizer)]), null, ct);
        }

        return ReconcileResult.Done;
    }

    private async Task SayAsync(ServiceCIDR range, Condition condition, CancellationToken ct)
    {
        if (range.Status.Conditions.FirstOrDefault(c => c.Type == Ready) is { } before && before.Status == condition.Status && before.Reason == condition.Reason && before.Message == condition.Message)
        {
            return;
        }

        condition = condition with { LastTransitionTime = time.GetUtcNow() };
        var status = range.Status with { Conditions = [.. range.Status.Conditions.Where(c => c.Type != Ready), condition] };
        await WriteAsync(range, range with { Status = status }, "status", ct);
    }

    private async Task<ServiceCIDR> WriteAsync(ServiceCIDR from, ServiceCIDR to, string? subresource, CancellationToken ct)
    {
        try
        {
            return await client.PatchAsync<ServiceCIDR>("", from.Metadata.Name, Patch.Between(from, to)!.WithRevision(from.Metadata.ResourceVersion), subresource, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return from; // gone meanwhile
        }
    }

    private static ServiceCIDR WithFinalizers(ServiceCIDR range, IReadOnlyList<string> finalizers) => range with { Metadata = range.Metadata with { Finalizers = finalizers } };
}
