using Kobune.Scheduler.Devices;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.InterPod;
using Kobune.Scheduler.Preemption;
using Kobune.Scheduler.Spreading;
using Kobune.Scheduler.Volumes;

namespace Kobune.Scheduler.Plugins;

/// <summary>The plugins that run by default, in upstream's order and with upstream's weights. Source: pkg/scheduler/apis/config/v1, default_plugins.go.</summary>
internal static class DefaultPlugins
{
    public static IReadOnlyList<(IPlugin Plugin, int Weight)> Create(PluginContext context) =>
    [
        (new SchedulingGates(), 0),
        (new PrioritySort(), 0),
        (new NodeUnschedulable(), 0),
        (new NodeName(), 0),
        (new TaintToleration(), 3),
        (new NodeAffinity(context.Profile.AddedAffinity), 2),
        (new NodePorts(), 0),
        (new NodeResourcesFit(context.Profile, context.Devices), 1),
        (new VolumeRestrictions(context.Volumes, context.Snapshot), 0),
        (new NodeVolumeLimits(context.Volumes, context.Cluster), 0),
        (new VolumeBinding(context.Volumes, new(context.Client, context.Volumes, context.Snapshot, context.Time, context.Profile.BindTimeout), context.Calls), 0),
        (new VolumeZone(context.Volumes), 0),
        (new PodTopologySpread(context.Snapshot, context.Cluster, context.Profile), 2),
        (new InterPodAffinity(context.Snapshot, context.Cluster, context.Profile), 2),
        .. Devices(context),
        (new DefaultPreemption(new(context.Client, context.Events, context.Time), context.Cluster, context.Snapshot, context.Nominator, context.Profile, context.Time, context.Random), 0),
        (new NodeResourcesBalancedAllocation(context.Profile, context.Devices), 1),
        (new ImageLocality(context.Snapshot), 1),
        (new DefaultBinder(context.Client, context.Calls, context.Time), 0),
    ];

    /// <summary>Before preemption: a claim that nobody uses is given back rather than that a pod is evicted.</summary>
    private static IEnumerable<(IPlugin Plugin, int Weight)> Devices(PluginContext context) =>
        context.Devices is { } devices ? [(new DynamicResources(devices, new(context.Client, devices, context.Time), context.Events, context.Profile, context.Calls.Devices, context.Time), 2)] : [];
}
