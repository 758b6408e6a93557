using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;

namespace Kobune.Scheduler.Volumes;

/// <summary>
/// Puts pods where their volumes are, and volumes where their pods go: claims that wait for their first consumer are bound, or given to their
/// provisioner with the chosen node, before the pod is bound.
/// </summary>
internal sealed class VolumeBinding(VolumeView view, ClaimBinder binder, CallMetrics calls) : IPreFilterPlugin, IFilterPlugin, IReservePlugin, IPreBindPlugin, IEnqueueExtensions
{
    private const string PluginName = "VolumeBinding";
    private static readonly Status Skip = Status.Skip(PluginName);
    private static readonly Status Unbound = Status.Unresolvable(PluginName, "pod has unbound immediate PersistentVolumeClaims");

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeLabel | ActionType.UpdateNodeTaint),
        new(EventResource.StorageClass, ActionType.Add | ActionType.UpdateStorage, static (_, happened) => happened.Old is not StorageClass old || happened.New is not StorageClass now || !old.AllowedTopologies.SequenceEqual(now.AllowedTopologies)),
        new(EventResource.PersistentVolume, ActionType.Add | ActionType.UpdateStorage | ActionType.Delete),
        new(EventResource.PersistentVolumeClaim, ActionType.Add | ActionType.UpdateStorage, static (pod, happened) => happened.New is PersistentVolumeClaim claim && PodClaims.KeysOf(pod).Any(k => k.Key == ObjectKey.Of(claim))),
        new(EventResource.CSIDriver, ActionType.UpdateStorage | ActionType.Delete, static (_, happened) => StorageCapacities.Helps(happened.Old as CSIDriver, happened.New as CSIDriver)),
        new(EventResource.CSIStorageCapacity, ActionType.Add | ActionType.UpdateStorage, static (_, happened) => StorageCapacities.Helps(happened.Old as CSIStorageCapacity, happened.New as CSIStorageCapacity)),
    ];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        if (!PodClaims.KeysOf(pod.Pod).Any())
        {
            return Skip;
        }

        if (PodClaims.Complaint(pod.Pod, view) is { } complaint)
        {
            return Status.Unresolvable(PluginName, complaint);
        }

        var claims = PodClaims.Of(pod.Pod, view);
        state.Write(this, claims);
        return claims.Immediate.Count > 0 ? Unbound : null;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        VolumeFit.Compute(state.Read<PodClaims>(this), node.Node, view).Reasons is { Length: > 0 } reasons ? Status.Unresolvable(PluginName, reasons) : null;

    public Status? Reserve(CycleState state, PodInfo pod, string nodeName)
    {
        if (!PodClaims.KeysOf(pod.Pod).Any())
        {
            return null;
        }

        var (plan, reasons) = VolumeFit.Compute(state.Read<PodClaims>(this), binder.NodeOf(nodeName), view);
        if (plan is null)
        {
            return Status.Unresolvable(PluginName, reasons);
        }

        view.Promise(plan, nodeName);
        state.Write(this, new Reservation(plan));
        return null;
    }

    public Task UnreserveAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        if (state.Find<Reservation>(this) is { } reservation)
        {
            view.Release(reservation.Plan);
        }

        return Task.CompletedTask;
    }

    public async Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        if (state.Find<Reservation>(this) is not { Plan.IsNothing: false } reservation)
        {
            return null;
        }

        var problem = await binder.BindAsync(reservation.Plan, nodeName, ct);
        if (problem is not null)
        {
            calls.VolumesNotBound();
            return Status.Error(PluginName, problem);
        }

        view.Release(reservation.Plan);
        return null;
    }

    private sealed record Reservation(VolumePlan Plan);
}
