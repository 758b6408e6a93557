using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Metrics;
using Kobune.ControllerManager.EndpointSlices;

namespace Kobune.ControllerManager.Metrics;

/// <summary>What the gauges are read from.</summary>
/// <param name="Slices">Those of one controller.</param>
/// <param name="MaxEndpoints">How many endpoints one may have.</param>
/// <param name="Services">Services whose slices they are; none where that does not matter.</param>
internal sealed record SliceState(IReadOnlyList<EndpointSlice> Slices, int MaxEndpoints, IReadOnlyList<Service> Services)
{
    public static readonly SliceState Empty = new([], 1, []);

    /// <summary>With the endpoints of one set of ports packed tightly; a Service has a slice even without endpoints.</summary>
    public int Wanted => Slices
        .GroupBy(EndpointSliceReconciler.Key)
        .Sum(service => Math.Max(1, service.GroupBy(s => (s.AddressType, DesiredEndpoints.Key(s.Ports))).Sum(g => (g.Sum(s => s.Endpoints.Count) + MaxEndpoints - 1) / MaxEndpoints)));
}

/// <summary>Metrics of one of the two controllers that write EndpointSlices. Source: k8s.io/endpointslice/metrics and pkg/controller/endpointslicemirroring/metrics.</summary>
internal sealed class SliceMetrics
{
    private static readonly double[] CountBounds = HistogramFamily.Exponential(2, 2, 15);
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private readonly string _prefix;
    private readonly bool _isMirror;
    private readonly string _level; // of what upstream promoted for one of the two controllers
    private readonly HistogramFamily _added;
    private readonly HistogramFamily _updated;
    private readonly HistogramFamily _removed;
    private readonly HistogramFamily _skipped;
    private readonly HistogramFamily _times;
    private readonly HistogramFamily _changed;
    private readonly NumberFamily _changes;
    private readonly NumberFamily _syncs;
    private Func<SliceState> _state = () => SliceState.Empty;

    /// <param name="isMirror">Of the controller that mirrors Endpoints.</param>
    public SliceMetrics(bool isMirror)
    {
        _isMirror = isMirror;
        _prefix = isMirror ? "endpoint_slice_mirroring_controller_" : "endpoint_slice_controller_";
        _level = isMirror ? "ALPHA" : "BETA";
        var source = isMirror ? "Endpoints" : "Service";
        _added = new(_prefix + "endpoints_added_per_sync", $"[{_level}] Number of endpoints added on each {source} sync", CountBounds);
        _updated = new(_prefix + "endpoints_updated_per_sync", $"[ALPHA] Number of endpoints updated on each {source} sync", CountBounds);
        _removed = new(_prefix + "endpoints_removed_per_sync", $"[{_level}] Number of endpoints removed on each {source} sync", CountBounds);
        _skipped = new(_prefix + "addresses_skipped_per_sync", "[ALPHA] Number of addresses skipped on each Endpoints sync due to being invalid or exceeding MaxEndpointsPerSubset", CountBounds);
        _times = new(_prefix + "endpoints_sync_duration", "[ALPHA] Duration of syncEndpoints() in seconds", HistogramFamily.Exponential(0.001, 2, 15));
        _changed = new(_prefix + "endpointslices_changed_per_sync", "[ALPHA] Number of EndpointSlices changed on each Service sync", DefaultBounds, "topology", "traffic_distribution");
        _changes = new(_prefix + "changes", "counter", "[ALPHA] Number of EndpointSlice changes", "operation");
        _syncs = new(_prefix + "syncs", "counter", "[ALPHA] Number of EndpointSlice syncs", "result");
    }

    public IEnumerable<MetricFamily> Families =>
    [
        _added,
        _removed,
        .. _isMirror ? [_updated, _skipped, _times] : new MetricFamily[] { _changed, _syncs, Read("services_count_by_traffic_distribution", "Number of Services using some specific trafficDistribution", Distributions, "traffic_distribution") },
        _changes,
        Read("endpoints_desired", "Number of endpoints desired", s => [(default, s.Slices.Sum(e => e.Endpoints.Count))]),
        Read("num_endpoint_slices", "Number of EndpointSlices", s => [(default, s.Slices.Count)]),
        Read("desired_endpoint_slices", "Number of EndpointSlices that would exist with perfect endpoint allocation", s => [(default, s.Wanted)]),
    ];

    public void Follow(Func<SliceState> state) => Volatile.Write(ref _state, state);

    /// <summary>The slices of a Service were looked at.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="plan">What was done.</param>
    /// <param name="auto">Whether its hints are by topology.</param>
    public void Synced(Service service, EndpointSlicePlan plan, bool auto)
    {
        foreach (var (added, _, removed) in plan.Moves)
        {
            _added.Observe(default, added);
            _removed.Observe(default, removed);
        }

        Changed(plan);
        _syncs.Add(new("success"));
        _changed.Observe(new(auto ? "Auto" : "Disabled", auto ? "" : service.Spec.TrafficDistribution ?? ""), plan.Create.Count + plan.Update.Count + plan.Delete.Count);
    }

    /// <summary>The slices of a Service could not be written.</summary>
    public void Failed() => _syncs.Add(new("error"));

    /// <summary>The mirrors of Endpoints were looked at.</summary>
    /// <param name="plan">What was done; null when there is nothing to mirror.</param>
    /// <param name="skipped">Addresses that no mirror has.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Mirrored(EndpointSlicePlan? plan, int skipped, TimeSpan elapsed)
    {
        _times.Observe(default, elapsed.TotalSeconds);
        if (plan is not null)
        {
            _added.Observe(default, plan.Moves.Sum(m => m.Added));
            _updated.Observe(default, plan.Moves.Sum(m => m.Updated));
            _removed.Observe(default, plan.Moves.Sum(m => m.Removed));
            _skipped.Observe(default, skipped);
            Changed(plan);
        }
    }

    private void Changed(EndpointSlicePlan plan)
    {
        foreach (var (operation, count) in (ReadOnlySpan<(string, int)>)[("create", plan.Create.Count), ("update", plan.Update.Count), ("delete", plan.Delete.Count)])
        {
            if (count > 0)
            {
                _changes.Add(new(operation), count);
            }
        }
    }

    private static IEnumerable<(LabelValues Labels, double Value)> Distributions(SliceState state) =>
        state.Services.Where(s => s.Spec.TrafficDistribution is not null).GroupBy(s => s.Spec.TrafficDistribution!).Select(g => (new LabelValues(g.Key), (double)g.Count()));

    private ReadFamily Read(string name, string help, Func<SliceState, IEnumerable<(LabelValues Labels, double Value)>> read, params string[] labels) =>
        new(_prefix + name, "gauge", $"[{_level}] {help}", () => read(Volatile.Read(ref _state)()), labels);
}
