using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Metrics;
using Kobune.Client.Informers;
using Kobune.Client.Metrics;
using Kobune.ControllerManager.Jobs;
using Kobune.ControllerManager.NodeLifecycle;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of the controllers with upstream's names, labels and buckets (the metrics folders below pkg/controller). They outlive a restart of the loops.</summary>
public sealed class ControllerManagerMetrics
{
    private static readonly double[] SyncBounds = HistogramFamily.Exponential(0.004, 2, 15);
    private static readonly double[] SkewBounds = HistogramFamily.Exponential(1, 2, 10);
    private static readonly double[] EndpointBounds = HistogramFamily.Exponential(2, 2, 15);

    private readonly NumberFamily _jobSyncs = new("job_controller_job_syncs_total", "counter", "[STABLE] The number of job syncs", "action", "completion_mode", "result");
    private readonly HistogramFamily _jobTimes = new("job_controller_job_sync_duration_seconds", "[STABLE] The time it took to sync a job", SyncBounds, "action", "completion_mode", "result");
    private readonly NumberFamily _jobsFinished = new("job_controller_jobs_finished_total", "counter", "[STABLE] The number of finished jobs", "completion_mode", "reason", "result");
    private readonly HistogramFamily _skews = new("cronjob_controller_job_creation_skew_duration_seconds", "[STABLE] Time between when a cronjob is scheduled to be run, and when the corresponding job is created", SkewBounds);
    private readonly NumberFamily _sliceChanges = new("endpoint_slice_controller_changes", "counter", "[ALPHA] Number of EndpointSlice changes", "operation");
    private readonly NumberFamily _sliceSyncs = new("endpoint_slice_controller_syncs", "counter", "[ALPHA] Number of EndpointSlice syncs", "result");
    private readonly HistogramFamily _slicesChanged = new("endpoint_slice_controller_endpointslices_changed_per_sync", "[ALPHA] Number of EndpointSlices changed on each Service sync", EndpointBounds, "topology");
    private readonly NumberFamily _evictions = new("node_collector_evictions_total", "counter", "[STABLE] Number of Node evictions that happened since current instance of NodeController started.", "zone");
    private Func<IEnumerable<Node>> _nodes = () => [];
    private Func<(int Endpoints, int Slices)> _slices = () => default;

    /// <summary>The queues of all controllers.</summary>
    public WorkQueueMetrics Queues { get; } = new();

    internal UpkeepMetrics Upkeep { get; } = new();

    /// <summary>All of them.</summary>
    public IEnumerable<MetricFamily> Families =>
    [
        .. Queues.Families, .. Upkeep.Families, _jobSyncs, _jobTimes, _jobsFinished, _skews, _sliceChanges, _sliceSyncs, _slicesChanged, _evictions,
        new ReadFamily("endpoint_slice_controller_endpoints_desired", "gauge", "[ALPHA] Number of endpoints desired", () => [(default, _slices().Endpoints)]),
        new ReadFamily("endpoint_slice_controller_num_endpoint_slices", "gauge", "[ALPHA] Number of EndpointSlices", () => [(default, _slices().Slices)]),
        new ReadFamily("node_collector_zone_size", "gauge", "[ALPHA] Gauge measuring number of registered Nodes per zones.", () => ByZone(nodes => nodes.Count), "zone"),
        new ReadFamily("node_collector_zone_health", "gauge", "[ALPHA] Gauge measuring percentage of healthy nodes per zone.", () => ByZone(nodes => 100.0 * nodes.Count(NodeHealthPlan.IsReady) / nodes.Count), "zone"),
        new ReadFamily("node_collector_unhealthy_nodes_in_zone", "gauge", "[ALPHA] Gauge measuring number of not Ready Nodes per zones.", () => ByZone(nodes => nodes.Count(n => !NodeHealthPlan.IsReady(n))), "zone"),
    ];

    internal void FollowNodes(Func<IEnumerable<Node>> nodes) => Volatile.Write(ref _nodes, nodes);

    internal void FollowSlices(Func<(int Endpoints, int Slices)> slices) => Volatile.Write(ref _slices, slices);

    /// <summary>A Job was looked at; <paramref name="action"/> is reconciling, tracking, pods_created or pods_deleted.</summary>
    internal void JobSynced(Job job, string action, bool failed, TimeSpan elapsed)
    {
        var labels = new LabelValues(action, ModeOf(job), failed ? "error" : "success");
        _jobSyncs.Add(labels);
        _jobTimes.Observe(labels, elapsed.TotalSeconds);
    }

    /// <summary>Counts a Job that has just ended.</summary>
    internal void JobChanged(Change<Job> change)
    {
        if (change is { Old: { } old, New: { } job } && !old.IsFinished() && job.End() is { } end)
        {
            var failed = end.Type == JobConditionType.Failed;
            _jobsFinished.Add(new(ModeOf(job), failed ? end.Reason : "", failed ? "failed" : "succeeded"));
        }
    }

    internal void CronJobStarted(TimeSpan late) => _skews.Observe(default, late.TotalSeconds);

    internal void SlicesSynced(int created, int updated, int deleted, bool auto)
    {
        _sliceSyncs.Add(new("success"));
        _slicesChanged.Observe(new(auto ? "Auto" : "Disabled"), created + updated + deleted);
        foreach (var (operation, count) in (ReadOnlySpan<(string, int)>)[("create", created), ("update", updated), ("delete", deleted)])
        {
            if (count > 0)
            {
                _sliceChanges.Add(new(operation), count);
            }
        }
    }

    internal void SlicesFailed() => _sliceSyncs.Add(new("error"));

    /// <summary>Counts a node whose pods begin to be driven off.</summary>
    internal void NodeChanged(Change<Node> change)
    {
        if (change is { Old: { } old, New: { } node } && !DrivesOff(old) && DrivesOff(node))
        {
            _evictions.Add(new(ZoneOf(node)));
        }
    }

    private static bool DrivesOff(Node node) => node.Spec.Taints.Any(t => t.Effect == TaintEffect.NoExecute && t.Key is ("node.kubernetes.io/not-ready" or "node.kubernetes.io/unreachable"));

    private static string ModeOf(Job job) => job.Spec.CompletionMode ?? "NonIndexed";

    /// <summary>Upstream's key of a zone: region and zone with a byte between them, which is no byte of a label.</summary>
    private static string ZoneOf(Node node)
    {
        var (region, zone) = (node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/region", ""), node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/zone", ""));
        return region.Length + zone.Length == 0 ? "" : $"{region}:\0:{zone}";
    }

    private IEnumerable<(LabelValues Labels, double Value)> ByZone(Func<List<Node>, double> value) =>
        Volatile.Read(ref _nodes)().GroupBy(ZoneOf).Select(zone => (new LabelValues(zone.Key), value([.. zone])));
}
