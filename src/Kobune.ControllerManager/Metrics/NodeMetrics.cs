using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Api.Metrics;
using Kobune.Client.Informers;
using Kobune.ControllerManager.NodeLifecycle;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of the node lifecycle controller and of the ranges that nodes are given. Source: pkg/controller/nodelifecycle/metrics.go and pkg/controller/nodeipam/ipam/cidrset.</summary>
internal sealed class NodeMetrics
{
    private const string Cidr = "clusterCIDR";
    private const string Ranges = "node_ipam_controller_";
    private readonly NumberFamily _evictions = new("node_collector_evictions_total", "counter", "[STABLE] Number of Node evictions that happened since current instance of NodeController started.", "zone");
    private readonly HistogramFamily _times = new("node_collector_update_node_health_duration_seconds", "[ALPHA] Duration in seconds for NodeController to update the health of a single node.", HistogramFamily.Exponential(0.001, 4, 8));
    private readonly HistogramFamily _rounds = new("node_collector_update_all_nodes_health_duration_seconds", "[ALPHA] Duration in seconds for NodeController to update the health of all nodes.", HistogramFamily.Exponential(0.01, 4, 8));
    private readonly NumberFamily _taken = new(Ranges + "cidrset_cidrs_allocations_total", "counter", "[ALPHA] Counter measuring total number of CIDR allocations.", Cidr);
    private readonly NumberFamily _released = new(Ranges + "cidrset_cidrs_releases_total", "counter", "[ALPHA] Counter measuring total number of CIDR releases.", Cidr);
    private readonly HistogramFamily _tries = new(Ranges + "cidrset_allocation_tries_per_request", "[ALPHA] Number of endpoints added on each Service sync", HistogramFamily.Exponential(1, 5, 5), Cidr);
    private readonly ConcurrentDictionary<string, (int Used, int Parts)> _ranges = new(StringComparer.Ordinal);
    private Func<IEnumerable<Node>> _nodes = () => [];

    public IEnumerable<MetricFamily> Families =>
    [
        _evictions,
        _times,
        _rounds,
        _taken,
        _released,
        _tries,
        new ReadFamily("node_collector_zone_size", "gauge", "[ALPHA] Gauge measuring number of registered Nodes per zones.", () => ByZone(nodes => nodes.Count), "zone"),
        new ReadFamily("node_collector_zone_health", "gauge", "[ALPHA] Gauge measuring percentage of healthy nodes per zone.", () => ByZone(nodes => 100.0 * nodes.Count(NodeHealthPlan.IsReady) / nodes.Count), "zone"),
        new ReadFamily("node_collector_unhealthy_nodes_in_zone", "gauge", "[ALPHA] Gauge measuring number of not Ready Nodes per zones.", () => ByZone(nodes => nodes.Count(n => !NodeHealthPlan.IsReady(n))), "zone"),
        new ReadFamily(Ranges + "cidrset_usage_cidrs", "gauge", "[ALPHA] Gauge measuring percentage of allocated CIDRs.", () => _ranges.Select(r => (new LabelValues(r.Key), (double)r.Value.Used / r.Value.Parts)), Cidr),
        new ReadFamily(Ranges + "cirdset_max_cidrs", "gauge", "[ALPHA] Maximum number of CIDRs that can be allocated.", () => _ranges.Select(r => (new LabelValues(r.Key), (double)r.Value.Parts)), Cidr),
        new ReadFamily("running_managed_controllers", "gauge", "[BETA] Indicates where instances of a controller are currently running", () => _ranges.IsEmpty ? [] : [(new LabelValues("kube-controller-manager", "nodeipam"), 1)], "manager", "name"),
    ];

    public void Follow(Func<IEnumerable<Node>> nodes) => Volatile.Write(ref _nodes, nodes);

    /// <summary>Counts a node whose pods begin to be driven off.</summary>
    public void Changed(Change<Node> change)
    {
        if (change is { Old: { } old, New: { } node } && !DrivesOff(old) && DrivesOff(node))
        {
            _evictions.Add(new(NodeZone.Of(node)));
        }
    }

    /// <summary>The health of a node was looked at.</summary>
    public void Looked(TimeSpan elapsed) => _times.Observe(default, elapsed.TotalSeconds);

    /// <summary>All nodes that were due have been looked at: here that is a round, for no clock makes one.</summary>
    public void LookedAtAll(TimeSpan elapsed) => _rounds.Observe(default, elapsed.TotalSeconds);

    /// <summary>A range is as this now, none of its parts given out or some.</summary>
    public void RangeIs(string range, int used, int parts) => _ranges[range] = (used, parts);

    /// <summary>A part of a range is given out, after so many were looked at; null when a node has it already.</summary>
    public void PartTaken(string range, int? tries)
    {
        _taken.Add(new(range));
        if (tries is { } count)
        {
            _tries.Observe(new(range), count);
        }
    }

    public void PartReleased(string range) => _released.Add(new(range));

    private static bool DrivesOff(Node node) => node.Spec.Taints.Any(t => t.Effect == TaintEffect.NoExecute && t.Key is ("node.kubernetes.io/not-ready" or "node.kubernetes.io/unreachable"));

    private IEnumerable<(LabelValues Labels, double Value)> ByZone(Func<List<Node>, double> value) =>
        Volatile.Read(ref _nodes)().Where(DisruptionPlan.Counts).GroupBy(NodeZone.Of).Select(zone => (new LabelValues(zone.Key), value([.. zone])));
}
