using Kobune.Api.Metrics;

namespace Kobune.Scheduler.Metrics;

/// <summary>What changes of the cluster cost: their handling, the plugins' guesses whether one helps, and how many are kept for pods in flight.</summary>
internal sealed class EventMetrics
{
    private static readonly double[] HandlingBounds = HistogramFamily.Exponential(0.0001, 2, 12);
    private static readonly double[] HintBounds = HistogramFamily.Exponential(0.00001, 1.5, 20);

    private readonly HistogramFamily _handling = new("scheduler_event_handling_duration_seconds", "[ALPHA] Event handling latency in seconds.", HandlingBounds, "event");
    private readonly HistogramFamily _hints = new("scheduler_queueing_hint_execution_duration_seconds", "[ALPHA] Duration for running a queueing hint function of a plugin.", HintBounds, "event", "hint", "plugin");

    /// <summary>All of them.</summary>
    /// <param name="state">Reads the queue.</param>
    public IEnumerable<MetricFamily> Families(Func<SchedulerState> state) =>
    [
        _handling,
        _hints,
        new ReadFamily("scheduler_inflight_events", "gauge", "[ALPHA] Number of events currently tracked in the scheduling queue.", () => state().InFlight.Select(e => (new LabelValues(e.Event), (double)e.Number)), "event"),
    ];

    /// <summary>A change was brought into cache and queue.</summary>
    public void Handled(string what, TimeSpan elapsed) => _handling.Observe(new(what), elapsed.TotalSeconds);

    /// <summary>A plugin was asked whether a change helps a pod.</summary>
    public void Guessed(string plugin, string what, bool helps, TimeSpan elapsed) => _hints.Observe(new(what, helps ? "Queue" : "QueueSkip", plugin), elapsed.TotalSeconds);
}
