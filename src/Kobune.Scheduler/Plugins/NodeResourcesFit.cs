using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Devices;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>A node must have what the pod asks for; of those that have, by default the least allocated is best.</summary>
internal sealed class NodeResourcesFit(SchedulerProfile profile, DeviceView? devices) : IFilterPlugin, IScorePlugin, IEnqueueExtensions
{
    private const string PluginName = "NodeResourcesFit";

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister =>
    [
        new(EventResource.AssignedPod, ActionType.Delete),
        new(EventResource.AssignedPod, ActionType.UpdatePodScaleDown, static (pod, happened) => happened is { Old: Pod old, New: Pod now } && PodRequests.Of(old).HasMore(PodRequests.Of(pod), PodRequests.Of(now))),
        new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeAllocatable, NodeHelps),
        new(EventResource.UnscheduledPod, ActionType.UpdatePodScaleDown),
        .. devices is { HasExtendedResources: true } ? [new(EventResource.DeviceClass, ActionType.Add | ActionType.UpdateStorage, GivesDevices)] : Array.Empty<EventHint>(),
    ];

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var (wanted, requested, allocatable) = (pod.Requests, node.Requested, node.Allocatable);
        var lacks = new Shortage();
        if (node.Pods.Count + 1 > allocatable.Pods)
        {
            lacks.Add("Too many pods", isFinal: false);
        }

        if (!wanted.IsZero)
        {
            lacks.Check(ResourceName.Cpu, wanted.MilliCpu, requested.MilliCpu, allocatable.MilliCpu);
            lacks.Check(ResourceName.Memory, wanted.Memory, requested.Memory, allocatable.Memory);
            lacks.Check(ResourceName.EphemeralStorage, wanted.EphemeralStorage, requested.EphemeralStorage, allocatable.EphemeralStorage);
            if (wanted.Scalars is not null)
            {
                foreach (var (name, amount) in wanted.Scalars)
                {
                    if (allocatable.Scalar(name) == 0 && state.DeviceClasses?.ContainsKey(name) == true)
                    {
                        continue; // the devices' matter
                    }

                    lacks.Check(name, IsIgnored(name) ? 0 : amount, requested.Scalar(name), allocatable.Scalar(name));
                }
            }
        }

        return lacks.ToStatus();
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node) => ResourceScores.Of(profile.ScoringStrategy, pod, node, devices);

    /// <summary>A class that is new, or has another name of a resource than before, helps whoever asks for that resource.</summary>
    private static bool GivesDevices(Pod pod, ClusterEvent happened)
    {
        var (before, now) = (happened.Old as DeviceClass, (DeviceClass)happened.New!);
        var names = before is null ? ExtendedResources.NamesOf(now) : ExtendedResources.NamesOf(now).Except(ExtendedResources.NamesOf(before));
        return PodRequests.Of(pod).Scalars is { } wanted && names.Any(wanted.ContainsKey);
    }

    /// <summary>A node that would do were it empty, and that is new or has more than before of what the pod wants.</summary>
    private bool NodeHelps(Pod pod, ClusterEvent happened)
    {
        var (wanted, node) = (new PodInfo(pod), new NodeInfo((Node)happened.New!));
        if (Filter(new CycleState { DeviceClasses = devices?.ClassesOf(wanted) }, wanted, node) is not null)
        {
            return false;
        }

        var before = happened.Old is Node old ? ResourceVector.From(old.Status.Allocatable) : null;
        return before is null || node.Allocatable.Pods > before.Pods || node.Allocatable.HasMore(wanted.Requests, before);
    }

    /// <summary>By its name or by what stands before the slash; only extended resources can be.</summary>
    private bool IsIgnored(string name) => ExtendedResources.IsExtended(name) && (profile.IgnoredResources.Contains(name) || profile.IgnoredResourceGroups.Contains(name.Split('/')[0]));

    /// <summary>Collects what is missing without allocating anything for a node that has enough.</summary>
    private struct Shortage
    {
        private List<string>? _reasons;
        private bool _isFinal;

        public void Check(string name, long wanted, long requested, long allocatable)
        {
            if (wanted > 0 && wanted > allocatable - requested)
            {
                Add($"Insufficient {name}", isFinal: wanted > allocatable);
            }
        }

        /// <param name="reason">For people.</param>
        /// <param name="isFinal">An empty node would not have enough either.</param>
        public void Add(string reason, bool isFinal)
        {
            (_reasons ??= []).Add(reason);
            _isFinal |= isFinal;
        }

        public readonly Status? ToStatus() => _reasons is null
            ? null
            : new Status(_isFinal ? StatusCode.UnschedulableAndUnresolvable : StatusCode.Unschedulable, PluginName, [.. _reasons]);
    }
}
