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
        new(EventResource.AssignedPod, ActionType.Delete | ActionType.UpdatePodScaleDown),
        new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeAllocatable, (pod, happened) => happened.New is Node node && FitsEmpty(pod, node)),
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
                    if (amount > 0 && devices?.ClassOn(node, name) is not null)
                    {
                        continue; // the devices' matter
                    }

                    lacks.Check(name, profile.IgnoredResources.Contains(name) ? 0 : amount, requested.Scalar(name), allocatable.Scalar(name));
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

    private bool FitsEmpty(Pod pod, Node node) =>
        Filter(new CycleState(), new PodInfo(pod), new NodeInfo(node)) is null;

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
