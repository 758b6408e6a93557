using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>Whether pods may be driven off nodes, given how many nodes are down. Source: pkg/controller/nodelifecycle, ComputeZoneState and handleDisruption.</summary>
internal static class DisruptionPlan
{
    /// <summary>Not when every node is down, nor in a small zone of which most is down.</summary>
    public static bool MayEvict(Node node, IReadOnlyList<Node> nodes, ControllerManagerOptions options)
    {
        if (!nodes.Any(NodeHealthPlan.IsReady))
        {
            return false;
        }

        var zone = nodes.Where(n => Zone(n) == Zone(node)).ToList();
        var down = zone.Count(n => !NodeHealthPlan.IsReady(n));
        var isPartial = down > 2 && (double)down / zone.Count >= options.UnhealthyZoneThreshold && down < zone.Count;
        return !isPartial || zone.Count > options.LargeClusterSizeThreshold;
    }

    private static (string Region, string Zone) Zone(Node node) =>
        (node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/region", ""), node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/zone", ""));
}
