using Kobune.Api.Core.V1;
using Kobune.ControllerManager.NodeLifecycle;

namespace Kobune.ControllerManager.EndpointSlices.Topology;

/// <summary>Which part of the cluster's CPUs each zone has. Source: k8s.io/endpointslice/topologycache, SetNodes.</summary>
internal static class ZoneShares
{
    public const string ZoneLabel = "topology.kubernetes.io/zone";
    private static readonly string[] Excluded = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    /// <summary>Shares by zone, which add up to 1; null when a ready worker has no zone or no CPUs, or when there are not two zones.</summary>
    public static SortedDictionary<string, double>? Of(IEnumerable<Node> nodes)
    {
        var cpus = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var node in nodes.Where(Counts))
        {
            var (zone, cpu) = Place(node);
            if (zone.Length == 0 || cpu == 0)
            {
                return null;
            }

            cpus[zone] = cpus.GetValueOrDefault(zone) + cpu;
        }

        double total = cpus.Values.Sum();
        return cpus.Count < 2 ? null : new(cpus.ToDictionary(c => c.Key, c => c.Value / total), StringComparer.Ordinal);
    }

    /// <summary>Whether a node's change may change the shares.</summary>
    public static bool Differ(Node? old, Node? now) => Facts(old) != Facts(now);

    private static bool Counts(Node node) => NodeHealthPlan.IsReady(node) && !Excluded.Any(node.Metadata.Labels.ContainsKey);

    private static (string Zone, long MilliCpu) Place(Node node) =>
        (node.Metadata.Labels.GetValueOrDefault(ZoneLabel, ""), node.Status.Allocatable.GetValueOrDefault("cpu").MilliValue);

    private static (string Zone, long MilliCpu)? Facts(Node? node) => node is not null && Counts(node) ? Place(node) : null;
}
