using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>How fast pods may be driven off nodes, given how many nodes are down. Source: pkg/controller/nodelifecycle, ComputeZoneState and handleDisruption.</summary>
internal static class DisruptionPlan
{
    /// <summary>Nodes a second that may be driven empty in the zone of a node: slowly, or none, where most is down; null when every node is, for then it is the observer who is cut off.</summary>
    public static double? RateOf(Node node, IReadOnlyList<Node> nodes, ControllerManagerOptions options)
    {
        if (!nodes.Any(NodeHealthPlan.IsReady))
        {
            return null;
        }

        var zone = nodes.Where(n => Zone(n) == Zone(node)).ToList();
        var down = zone.Count(n => !NodeHealthPlan.IsReady(n));
        var isPartial = down > 2 && (double)down / zone.Count >= options.UnhealthyZoneThreshold && down < zone.Count;
        return !isPartial ? options.NodeEvictionRate : zone.Count > options.LargeClusterSizeThreshold ? options.SecondaryNodeEvictionRate : 0;
    }

    /// <summary>Region and zone of a node, with what is in no label between them.</summary>
    public static string Zone(Node node) =>
        node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/region", "") + ":\0:" + node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/zone", "");
}
