using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>How fast pods may be driven off nodes, given how many nodes are down. Source: pkg/controller/nodelifecycle, ComputeZoneState and handleDisruption.</summary>
internal static class DisruptionPlan
{
    /// <summary>Whether a node is one of those of which it matters how many are down.</summary>
    public static bool Counts(Node node) => !node.Metadata.Labels.ContainsKey("node.kubernetes.io/exclude-disruption");

    /// <summary>
    /// Nodes a second that may be driven empty in the zone of a node: slowly, or none, where most is down; null when every node is, for then it is the observer who is cut off.
    /// Nodes that are labelled so do not count, however they are.
    /// </summary>
    public static double? RateOf(Node node, IReadOnlyList<Node> nodes, ControllerManagerOptions options)
    {
        var counted = nodes.Where(Counts).ToList();
        if (counted.Count > 0 && !counted.Exists(NodeHealthPlan.IsReady))
        {
            return null;
        }

        var zone = counted.Where(n => NodeZone.Of(n) == NodeZone.Of(node)).ToList();
        var down = zone.Count(n => !NodeHealthPlan.IsReady(n));
        var isPartial = down > 2 && (double)down / zone.Count >= options.UnhealthyZoneThreshold && down < zone.Count;
        return !isPartial ? options.NodeEvictionRate : zone.Count > options.LargeClusterSizeThreshold ? options.SecondaryNodeEvictionRate : 0;
    }
}
