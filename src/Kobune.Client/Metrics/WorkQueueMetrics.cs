using System.Collections.Concurrent;
using Kobune.Api.Metrics;

namespace Kobune.Client.Metrics;

/// <summary>What the metrics of one queue read from it when somebody asks.</summary>
/// <param name="Depth">Keys that wait.</param>
/// <param name="Running">For how long each key that is worked on has been.</param>
public sealed record WorkQueueState(int Depth, IReadOnlyList<TimeSpan> Running);

/// <summary>Metrics of the work queues of one program, with upstream's names (component-base, metrics/prometheus/workqueue).</summary>
public sealed class WorkQueueMetrics
{
    private static readonly double[] Bounds = HistogramFamily.Exponential(10e-9, 10, 10);

    private readonly ConcurrentDictionary<string, Func<WorkQueueState>> _queues = new(StringComparer.Ordinal);
    private readonly NumberFamily _adds = new("workqueue_adds_total", "counter", "[BETA] Total number of adds handled by workqueue", "name");
    private readonly NumberFamily _retries = new("workqueue_retries_total", "counter", "[BETA] Total number of retries handled by workqueue", "name");
    private readonly HistogramFamily _waits = new("workqueue_queue_duration_seconds", "[BETA] How long in seconds an item stays in workqueue before being requested.", Bounds, "name");
    private readonly HistogramFamily _works = new("workqueue_work_duration_seconds", "[BETA] How long in seconds processing an item from workqueue takes.", Bounds, "name");

    /// <summary>All of them.</summary>
    public IEnumerable<MetricFamily> Families =>
    [
        new ReadFamily("workqueue_depth", "gauge", "[BETA] Current depth of workqueue", () => Read(s => s.Depth), "name"),
        _adds,
        _waits,
        _works,
        new ReadFamily("workqueue_unfinished_work_seconds", "gauge", "[BETA] How many seconds of work has done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.", () => Read(s => s.Running.Sum(r => r.TotalSeconds)), "name"),
        new ReadFamily("workqueue_longest_running_processor_seconds", "gauge", "[BETA] How many seconds has the longest running processor for workqueue been running.", () => Read(s => s.Running.Select(r => r.TotalSeconds).DefaultIfEmpty().Max()), "name"),
        _retries,
    ];

    /// <summary>The meter of a queue. A queue that takes the place of one of the same name counts on.</summary>
    /// <param name="name">Of the queue.</param>
    /// <param name="state">Reads its state.</param>
    public WorkQueueMeter Of(string name, Func<WorkQueueState> state)
    {
        _queues[name] = state;
        var labels = new LabelValues(name);
        return new(_adds.Cell(labels), _retries.Cell(labels), _waits.Cell(labels), _works.Cell(labels));
    }

    private IEnumerable<(LabelValues Labels, double Value)> Read(Func<WorkQueueState, double> value) => _queues.Select(q => (new LabelValues(q.Key), value(q.Value())));
}

/// <summary>Counts what happens in one queue.</summary>
/// <param name="adds">Adds.</param>
/// <param name="retries">Adds after a back-off.</param>
/// <param name="waits">How long keys wait.</param>
/// <param name="works">How long keys are worked on.</param>
public sealed class WorkQueueMeter(long[] adds, long[] retries, Histogram waits, Histogram works)
{
    /// <summary>A key waits that did not.</summary>
    public void Added() => Interlocked.Increment(ref adds[0]);

    /// <summary>A key comes again after its back-off.</summary>
    public void Retried() => Interlocked.Increment(ref retries[0]);

    /// <summary>A worker took a key.</summary>
    public void Taken(TimeSpan waited) => waits.Observe(waited.TotalSeconds);

    /// <summary>The work on a key has ended.</summary>
    public void Done(TimeSpan worked) => works.Observe(worked.TotalSeconds);
}
