using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>The plugins that run by default, in upstream's order and with upstream's weights. Source: pkg/scheduler/apis/config/v1, default_plugins.go.</summary>
internal static class DefaultPlugins
{
    public static IReadOnlyList<(IPlugin Plugin, int Weight)> Create(IClient client, Snapshot snapshot) =>
    [
        (new SchedulingGates(), 0),
        (new PrioritySort(), 0),
        (new NodeUnschedulable(), 0),
        (new NodeName(), 0),
        (new TaintToleration(), 3),
        (new NodeAffinity(), 2),
        (new NodePorts(), 0),
        (new NodeResourcesFit(), 1),
        (new NodeResourcesBalancedAllocation(), 1),
        (new ImageLocality(snapshot), 1),
        (new DefaultBinder(client), 0),
    ];
}
