using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Volumes;

namespace Kobune.Scheduler.Plugins;

/// <summary>The plugins that run by default, in upstream's order and with upstream's weights. Source: pkg/scheduler/apis/config/v1, default_plugins.go.</summary>
internal static class DefaultPlugins
{
    public static IReadOnlyList<(IPlugin Plugin, int Weight)> Create(IClient client, Snapshot snapshot, VolumeView? volumes = null, TimeProvider? time = null) =>
    [
        (new SchedulingGates(), 0),
        (new PrioritySort(), 0),
        (new NodeUnschedulable(), 0),
        (new NodeName(), 0),
        (new TaintToleration(), 3),
        (new NodeAffinity(), 2),
        (new NodePorts(), 0),
        (new NodeResourcesFit(), 1),
        .. volumes is null ? Array.Empty<(IPlugin, int)>() : [(new VolumeRestrictions(volumes, snapshot), 0), (new VolumeBinding(volumes, new(client, volumes, snapshot, time!)), 0)],
        (new NodeResourcesBalancedAllocation(), 1),
        (new ImageLocality(snapshot), 1),
        (new DefaultBinder(client), 0),
    ];
}
