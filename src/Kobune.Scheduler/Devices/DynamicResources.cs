using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client.Events;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Kobune.Scheduler.Plugins;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>Puts pods where the devices are that their ResourceClaims ask for, and gives these to the claims. Source: pkg/scheduler/framework/plugins/dynamicresources.</summary>
internal sealed partial class DynamicResources(DeviceView view, ClaimWriter writer, IEventRecorder events, SchedulerProfile profile, DeviceMetrics metrics, TimeProvider time)
    : IPreEnqueuePlugin, IPreFilterPlugin, IFilterPlugin, IPostFilterPlugin, IScorePlugin, IReservePlugin, IPreBindPlugin, IEnqueueExtensions
{
    private const string PluginName = "DynamicResources";
    private const int MostAlternatives = 8;
    private static readonly Status Skip = Status.Skip(PluginName);
    private static readonly Status Elsewhere = Status.Unresolvable(PluginName, "resourceclaim not available on the node");
    private static readonly Status NotAllocated = Status.Unresolvable(PluginName, "cannot allocate all claims");
    private static readonly Status InvalidPools = Status.Unresolvable(PluginName, "invalid resource pools were encountered");
    private static readonly Status TookLong = Status.Unresolvable(PluginName, "timed out trying to allocate devices");

    public string Name => PluginName;

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
        var extended = ExtendedClaim.Of(pod, view);
        state.DeviceClasses = extended?.Classes;
        if (pod.Pod.Spec.ResourceClaims.Count == 0 && extended is null)
        {
            return Skip;
        }

        if (PodDevices.Of(pod.Pod, extended, view, out var problem) is not { } devices)
        {
            return Status.Unresolvable(PluginName, problem!);
        }

        state.Write(this, devices);
        return null;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var devices = state.Read<PodDevices>(this);
        string? lacking = null;
        var extended = devices.Extended?.On(node, out lacking);
        if (lacking is not null)
        {
            return Status.Unresolvable(PluginName, lacking);
        }

        foreach (var claim in devices.Allocated)
        {
            if (DeviceBinding.IsLost(claim, profile.DeviceBindingTimeout, time.GetUtcNow()) || (claim.Status.Allocation!.NodeSelector is { } selector && !NodeSelectors.Matches(selector, node.Node)))
            {
                devices.InTheWay[claim.Metadata.Uid] = claim;
                return Elsewhere;
            }
        }

        IReadOnlyList<ClaimWish> wishes = extended is null ? devices.Wishes : [.. devices.Wishes, extended.Claim];
        if (wishes.Count == 0)
        {
            return null;
        }

        try
        {
            var begun = time.GetTimestamp();
            var allocator = new DeviceAllocator(wishes, DeviceUse.Of(devices.Taken), devices.Matcher, DevicePool.Of(devices.Slices, node.Node), () => IsLate(begun));
            if (allocator.Allocate() is not { } chosen)
            {
                return allocator.HasInvalidPools ? InvalidPools : NotAllocated; // other nodes may do
            }

            devices.Found[node.Name] = new(wishes, AllocationWriter.Write(wishes, chosen, node.Name, time), extended);
            return null;
        }
        catch (TimeoutException)
        {
            return TookLong;
        }
        catch (DeviceException e)
        {
            return Status.Error(PluginName, e.Message);
        }
    }

    private bool IsLate(long begun) => profile.DeviceFilterTimeout > TimeSpan.Zero && time.GetElapsedTime(begun) > profile.DeviceFilterTimeout;

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

        return devices.Extended?.Stale is { } stale
            ? new(Status.Unschedulable(PluginName, "deletion of ResourceClaim completed"), null, ct => writer.DeleteAsync(stale, ct))
            : new(Status.Unschedulable(PluginName, "still not schedulable"), null);
    }

    /// <summary>The earlier the alternatives stand in their requests that a node can give, the better.</summary>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        long score = 0;
        if (state.Find<PodDevices>(this)?.Found.GetValueOrDefault(node.Name) is { } found)
        {
            for (var i = 0; i < found.Wishes.Count; i++)
            {
                var given = found.Results[i].Devices.Results.Select(r => r.Request).ToHashSet();
                foreach (var request in found.Wishes[i].Claim.Spec.Devices.Requests)
                {
                    score += request.FirstAvailable.Select((sub, place) => given.Contains($"{request.Name}/{sub.Name}") ? MostAlternatives - place : 0).Sum();
                }
            }
        }

        return score;
    }

    public void NormalizeScore(Span<long> scores) => Scores.Normalize(scores, isReverse: false);
}

