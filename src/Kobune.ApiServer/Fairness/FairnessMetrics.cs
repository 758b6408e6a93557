using Kobune.Api.Metrics;

namespace Kobune.ApiServer.Fairness;

/// <summary>apiserver_flowcontrol_*, with upstream's names, labels and buckets (k8s.io/apiserver, util/flowcontrol/metrics).</summary>
internal sealed class FairnessMetrics
{
    private const string Prefix = "apiserver_flowcontrol_";
    private static readonly string[] Flow = ["priority_level", "flow_schema"];
    private static readonly double[] Seconds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

    private readonly NumberFamily _rejected = new(Prefix + "rejected_requests_total", "counter", "[BETA] Number of requests rejected by API Priority and Fairness subsystem", [.. Flow, "reason"]);
    private readonly NumberFamily _notAccommodated = new(Prefix + "request_dispatch_no_accommodation_total", "counter", "[ALPHA] Number of times a dispatch attempt resulted in a non accommodation due to lack of available seats", Flow);

    public NumberFamily Dispatched { get; } = new(Prefix + "dispatched_requests_total", "counter", "[BETA] Number of requests executed by API Priority and Fairness subsystem", Flow);

    public NumberFamily QueuedRequests { get; } = new(Prefix + "current_inqueue_requests", "gauge", "[BETA] Number of requests currently pending in queues of the API Priority and Fairness subsystem", Flow);

    public NumberFamily QueuedSeats { get; } = new(Prefix + "current_inqueue_seats", "gauge", "[ALPHA] Number of seats currently pending in queues of the API Priority and Fairness subsystem", Flow);

    public NumberFamily ExecutingRequests { get; } = new(Prefix + "current_executing_requests", "gauge", "[BETA] Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem", Flow);

    public NumberFamily ExecutingSeats { get; } = new(Prefix + "current_executing_seats", "gauge", "[BETA] Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem", Flow);

    public HistogramFamily QueueLength { get; } = new(Prefix + "request_queue_length_after_enqueue", "[ALPHA] Length of queue in the API Priority and Fairness subsystem, as seen by each request after it is enqueued", [0, 10, 25, 50, 100, 250, 500, 1000], Flow);

    public HistogramFamily EstimatedSeats { get; } = new(Prefix + "work_estimated_seats", "[ALPHA] Number of estimated seats (maximum of initial and final seats) associated with requests in API Priority and Fairness", [1, 2, 4, 10], Flow);

    public HistogramFamily WatchCount { get; } = new(Prefix + "watch_count_samples", "[ALPHA] count of watchers for mutating requests in API Priority and Fairness", [0, 1, 10, 100, 1000, 10000], Flow);

    public HistogramFamily WaitSeconds { get; } = new(Prefix + "request_wait_duration_seconds", "[BETA] Length of time a request spent waiting in its queue", Seconds, [.. Flow, "execute"]);

    public HistogramFamily ExecutionSeconds { get; } = new(Prefix + "request_execution_seconds", "[ALPHA] Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution in the API Priority and Fairness subsystem", Seconds, [.. Flow, "type"]);

    /// <summary>The fraction of its target that each level gets that no bound holds.</summary>
    public double FairFraction { get; set; }

    /// <summary>The levels as they are, for the gauges that are read.</summary>
    public Func<IReadOnlyCollection<PriorityLevel>> Levels { get; set; } = () => [];

    public IEnumerable<MetricFamily> Families =>
    [
        _rejected, Dispatched, QueuedRequests, QueuedSeats, ExecutingRequests, ExecutingSeats, QueueLength, EstimatedSeats, WatchCount, WaitSeconds, ExecutionSeconds, _notAccommodated,
        Gauge("nominal_limit_seats", "[BETA] Nominal number of execution seats configured for each priority level", l => l.Limits.Nominal),
        Gauge("lower_limit_seats", "[ALPHA] Configured lower bound on number of execution seats available to each priority level", l => l.Limits.Min),
        Gauge("upper_limit_seats", "[ALPHA] Configured upper bound on number of execution seats available to each priority level", l => l.Limits.Max),
        Gauge("current_limit_seats", "[ALPHA] current derived number of execution seats available to each priority level", l => l.Limit),
        Gauge("demand_seats_high_watermark", "[ALPHA] High watermark, over last adjustment period, of demand_seats", l => l.Demand.HighWatermark),
        Gauge("demand_seats_average", "[ALPHA] Time-weighted average, over last adjustment period, of demand_seats", l => l.Demand.Average),
        Gauge("demand_seats_stdev", "[ALPHA] Time-weighted standard deviation, over last adjustment period, of demand_seats", l => l.Demand.Deviation),
        Gauge("demand_seats_smoothed", "[ALPHA] Smoothed seat demands", l => l.Demand.Smoothed),
        Gauge("target_seats", "[ALPHA] Seat allocation targets", l => l.Target),
        Gauge("current_r", "[ALPHA] R(time of last change)", l => l.Progress),
        new ReadFamily(Prefix + "seat_fair_frac", "gauge", "[ALPHA] Fair fraction of server's concurrency to allocate to each priority level that can use it", () => [(new LabelValues(), FairFraction)]),
    ];

    /// <summary>A request was refused: queue-full, concurrency-limit, time-out or cancelled.</summary>
    public void Rejected(FlowSchemaState schema, string reason) => _rejected.Add(new(schema.Level.Name, schema.Name, reason));

    public void NotAccommodated(FlowRequest request) => _notAccommodated.Add(new(request.Level.Name, request.Schema.Name));

    /// <summary>What became of a level's requests so far.</summary>
    public (long Dispatched, long Rejected, long TimedOut, long Cancelled) Totals(string level)
    {
        long Rejections(string? reason) => _rejected.Sum(l => l[0] == level && (reason is null || l[2] == reason));
        return (Dispatched.Sum(l => l[0] == level), Rejections(null), Rejections("time-out"), Rejections("cancelled"));
    }

    private ReadFamily Gauge(string name, string help, Func<PriorityLevel, double> read) =>
        new(Prefix + name, "gauge", help, () => Levels().Select(l => (new LabelValues(l.Name), read(l))), "priority_level");
}
