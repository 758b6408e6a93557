using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.NodeLifecycle;

/// <summary>In which zone a node is. Source: k8s.io/component-helpers, node/topology, GetZoneKey.</summary>
internal static class NodeZone
{
    private const string Old = "failure-domain.beta.kubernetes.io/";
    private const string New = "topology.kubernetes.io/";

    /// <summary>Region and zone with what is in no label between them; empty for a node that tells neither. The old labels go first.</summary>
    public static string Of(Node node)
    {
        var (region, zone) = (Label(node, "region"), Label(node, "zone"));
        return region.Length + zone.Length == 0 ? "" : $"{region}:\0:{zone}";
    }

    private static string Label(Node node, string name) =>
        node.Metadata.Labels.TryGetValue(Old + name, out var old) ? old : node.Metadata.Labels.GetValueOrDefault(New + name, "");
}
