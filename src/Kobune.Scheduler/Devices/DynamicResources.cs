using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>Puts pods where the devices are that their ResourceClaims ask for, and gives these to the claims. Source: pkg/scheduler/framework/plugins/dynamicresources.</summary>
internal sealed class DynamicResources(DeviceView view, ClaimWriter writer, TimeProvider time)
    : IPreEnqueuePlugin, IPreFilterPlugin, IFilterPlugin, IPostFilterPlugin, IReservePlugin, IPreBindPlugin, IEnqueueExtensions
{
    private const string PluginName = "DynamicResources";
    private static readonly Status Skip = Status.Skip(PluginName);
    private static readonly Status Elsewhere = Status.Unresolvable(PluginName, "resourceclaim not available on the node");
    private static readonly Status NotAllocated = Status.Unresolvable(PluginName, "cannot allocate all claims");

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeLabel | ActionType.UpdateNodeTaint),
        new(EventResource.UnscheduledPod, ActionType.UpdatePodGeneratedResourceClaim, (pod, _) => PodDevices.ClaimsOf(pod, view, out var problem) is not null && problem is null),
        new(EventResource.ResourceClaim, ActionType.Add | ActionType.UpdateStorage | ActionType.Delete, (pod, happened) => Helps(view, pod, happened)),
        new(EventResource.DeviceClass, ActionType.Add | ActionType.UpdateStorage),
        new(EventResource.ResourceSlice, ActionType.Add | ActionType.UpdateStorage | ActionType.Delete),
    ];

    public Status? PreEnqueue(Pod pod)
    {
        if (pod.Spec.ResourceClaims.Count == 0)
        {
            return null;
        }

        PodDevices.ClaimsOf(pod, view, out var problem);
        return problem is null ? null : Status.Unresolvable(PluginName, problem);
    }

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        if (pod.Pod.Spec.ResourceClaims.Count == 0)
        {
            return Skip;
        }

        if (PodDevices.Of(pod.Pod, view, out var problem) is not { } devices)
        {
            return Status.Unresolvable(PluginName, problem!);
        }

        state.Write(this, devices);
        return null;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var devices = state.Read<PodDevices>(this);
        foreach (var claim in devices.Allocated)
        {
            if (claim.Status.Allocation!.NodeSelector is { } selector && !NodeSelectors.Matches(selector, node.Node))
            {
                devices.InTheWay[claim.Metadata.Uid] = claim;
                return Elsewhere;
            }
        }

        if (devices.Wishes.Count == 0)
        {
            return null;
        }

        try
        {
            var chosen = new DeviceAllocator(devices.Wishes, DeviceUse.Of(devices.Taken), devices.Matcher, DevicePool.Of(devices.Slices, node.Node)).Allocate();
            if (chosen is null)
            {
                return NotAllocated;
            }

            devices.Found[node.Name] = AllocationWriter.Write(devices.Wishes, chosen, node.Name, time);
            return null;
        }
        catch (DeviceException e)
        {
            return Status.Error(PluginName, e.Message);
        }
    }

    /// <summary>A claim that nobody else uses and that is bound to another node is given back, rather than that pods are evicted.</summary>
    public PostFilterResult PostFilter(SchedulingFramework framework, CycleState state, PodInfo pod, Diagnosis diagnosis)
    {
        if (state.Find<PodDevices>(this) is not { } devices)
        {
            return new(Status.Unschedulable(PluginName, []), null);
        }

        foreach (var claim in devices.InTheWay.Values.Where(c => c.Status.ReservedFor.All(r => r.Uid == pod.Uid)))
        {
            return new(Status.Unschedulable(PluginName, "deallocation of ResourceClaim completed"), null, ct => writer.FreeAsync(claim, ct));
        }

        return new(Status.Unschedulable(PluginName, "still not schedulable"), null);
    }

    public Status? Reserve(CycleState state, PodInfo pod, string nodeName)
    {
        if (state.Find<PodDevices>(this) is not { Wishes.Count: > 0 } devices)
        {
            return null;
        }

        if (devices.Found.GetValueOrDefault(nodeName) is not { } found)
        {
            return Status.Error(PluginName, $"claim allocation not found for node {nodeName}");
        }

        var begun = new List<ResourceClaim>();
        state.Write(this, new Reserved(devices, found, begun));
        for (var i = 0; i < devices.Wishes.Count; i++)
        {
            var claim = devices.Wishes[i].Claim;
            if (!view.Begin(claim, found[i]))
            {
                return Status.Unschedulable(PluginName, "resource claim is in the process of being allocated");
            }

            begun.Add(claim);
        }

        return null;
    }

    public void Unreserve(CycleState state, PodInfo pod, string nodeName)
    {
        // What was written stays reserved for the pod: the next cycle uses it, or gives it back when it is in the way.
        foreach (var claim in state.Find<Reserved>(this)?.Begun ?? [])
        {
            view.End(claim);
        }
    }

    public async Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        var reserved = state.Find<Reserved>(this);
        if ((reserved?.Devices ?? state.Find<PodDevices>(this)) is not { } devices)
        {
            return null;
        }

        try
        {
            for (var i = 0; i < devices.Wishes.Count; i++)
            {
                await writer.BindAsync(pod.Pod, devices.Wishes[i].Claim, reserved!.Found[i], ct);
            }

            foreach (var claim in devices.Allocated.Where(c => !PodDeviceClaims.IsReservedFor(pod.Pod, c)))
            {
                await writer.BindAsync(pod.Pod, claim, null, ct);
            }

            return await writer.WaitAsync([.. devices.Allocated, .. devices.Wishes.Select(w => w.Claim)], ct) is { } problem ? Status.Unschedulable(PluginName, problem) : null;
        }
        catch (Exception e) when (e is ApiException or DeviceException)
        {
            return Status.Error(PluginName, e.Message);
        }
    }

    /// <summary>A claim of the pod, or one that gave devices back.</summary>
    private static bool Helps(DeviceView view, Pod pod, ClusterEvent happened)
    {
        var (before, now) = (happened.Old as ResourceClaim, happened.New as ResourceClaim);
        if (before?.Status.Allocation is not null && now?.Status.Allocation is null)
        {
            return true;
        }

        return now is not null && pod.Metadata.Namespace == now.Metadata.Namespace
            && pod.Spec.ResourceClaims.Any(e => PodDeviceClaims.NameOf(pod, e).Name == now.Metadata.Name)
            && PodDevices.ClaimsOf(pod, view, out var problem) is not null && problem is null;
    }

    /// <summary>What is being written for the pod.</summary>
    private sealed record Reserved(PodDevices Devices, IReadOnlyList<AllocationResult> Found, List<ResourceClaim> Begun);
}
