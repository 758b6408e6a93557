using Kobune.Api.Metrics;

namespace Kobune.Scheduler.Metrics;

/// <summary>The calls that scheduling makes beside its loop: bindings, conditions of pods, preemptions, and what volumes need.</summary>
internal sealed class CallMetrics
{
    public const string Binding = "pod_binding";
    public const string Condition = "pod_status_patch";

    private static readonly double[] CallBounds = HistogramFamily.Exponential(0.001, 2, 15);
    private static readonly double[] PreemptionBounds = HistogramFamily.Exponential(0.01, 2, 20);

    private readonly NumberFamily _calls = new("scheduler_async_api_call_execution_total", "counter", "[ALPHA] Total number of API calls executed by the async dispatcher.", "call_type", "result");
    private readonly HistogramFamily _callTimes = new("scheduler_async_api_call_execution_duration_seconds", "[ALPHA] Duration in seconds for executing API call in the async dispatcher.", CallBounds, "call_type", "result");
    private readonly NumberFamily _pending = new("scheduler_pending_async_api_calls", "gauge", "[ALPHA] Number of API calls currently pending in the async queue.", "call_type");
    private readonly NumberFamily _preemptions = new("scheduler_preemption_goroutines_execution_total", "counter", "[ALPHA] Number of preemption goroutines executed.", "result");
    private readonly HistogramFamily _preemptionTimes = new("scheduler_preemption_goroutines_duration_seconds", "[ALPHA] Duration in seconds for running goroutines for the preemption.", PreemptionBounds, "result");
    private readonly NumberFamily _volumeErrors = new("scheduler_volume_scheduling_stage_error_total", "counter", "[ALPHA] Volume scheduling stage error count", "operation");

    public IEnumerable<MetricFamily> Families => [_calls, _callTimes, _pending, _preemptions, _preemptionTimes, _volumeErrors, .. Devices.Families];

    /// <summary>What devices need of them.</summary>
    public DeviceMetrics Devices { get; } = new();

    /// <summary>A call waits for its turn (1), or no longer (-1).</summary>
    public void Waits(string call, int change) => _pending.Add(new(call), change);

    /// <summary>A call was made.</summary>
    public void Called(string call, bool isDone, TimeSpan elapsed)
    {
        var labels = new LabelValues(call, Result(isDone));
        _calls.Add(labels);
        _callTimes.Observe(labels, elapsed.TotalSeconds);
    }

    /// <summary>Victims of a preemption were sent away.</summary>
    public void Preempted(bool isDone, TimeSpan elapsed)
    {
        _preemptions.Add(new(Result(isDone)));
        _preemptionTimes.Observe(new(Result(isDone)), elapsed.TotalSeconds);
    }

    /// <summary>Volumes of a pod could not be bound.</summary>
    public void VolumesNotBound() => _volumeErrors.Add(new("bind"));

    private static string Result(bool isDone) => isDone ? "success" : "error";
}
