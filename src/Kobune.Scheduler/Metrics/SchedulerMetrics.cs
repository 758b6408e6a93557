using Kobune.Api.Metrics;
using Kobune.Client.Metrics;

namespace Kobune.Scheduler.Metrics;

/// <summary>Metrics of the scheduler with upstream's names, labels and buckets (pkg/scheduler/metrics). They outlive a restart of its loop.</summary>
public sealed class SchedulerMetrics
{
    private const int ManyAttempts = 15;
    private static readonly double[] AttemptBounds = HistogramFamily.Exponential(0.001, 2, 15);
    private static readonly double[] PodBounds = HistogramFamily.Exponential(0.01, 2, 20);
    private static readonly double[] CountBounds = HistogramFamily.Exponential(1, 2, 5);
    private static readonly double[] VictimBounds = HistogramFamily.Exponential(1, 2, 7);
    private static readonly double[] PointBounds = HistogramFamily.Exponential(0.0001, 2, 12);
    private static readonly double[] PluginBounds = HistogramFamily.Exponential(0.00001, 1.5, 20);

    private readonly NumberFamily _attempts = new("scheduler_schedule_attempts_total", "counter", "[STABLE] Number of attempts to schedule pods, by the result. 'unschedulable' means a pod could not be scheduled, while 'error' means an internal scheduler problem.", "profile", "result");
    private readonly HistogramFamily _attemptTimes = new("scheduler_scheduling_attempt_duration_seconds", "[STABLE] Scheduling attempt latency in seconds (scheduling algorithm + binding)", AttemptBounds, "profile", "result");
    private readonly HistogramFamily _algorithm = new("scheduler_scheduling_algorithm_duration_seconds", "[BETA] Scheduling algorithm latency in seconds", AttemptBounds);
    private readonly HistogramFamily _podTimes = new("scheduler_pod_scheduling_sli_duration_seconds", "[BETA] E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue and might involve multiple scheduling attempts.", PodBounds, "attempts");
    private readonly HistogramFamily _podAttempts = new("scheduler_pod_scheduling_attempts", "[STABLE] Number of attempts to successfully schedule a pod.", CountBounds);
    private readonly HistogramFamily _points = new("scheduler_framework_extension_point_duration_seconds", "[STABLE] Latency for running all plugins of a specific extension point.", PointBounds, "extension_point", "profile", "status");
    private readonly HistogramFamily _plugins = new("scheduler_plugin_execution_duration_seconds", "[BETA] Duration for running a plugin at a specific extension point.", PluginBounds, "extension_point", "plugin", "status");
    private readonly NumberFamily _evaluations = new("scheduler_plugin_evaluation_total", "counter", "[BETA] Number of attempts to schedule pods by each plugin and the extension point (available only in PreFilter, Filter, PreScore, and Score).", "extension_point", "plugin", "profile");
    private readonly NumberFamily _running = new("scheduler_goroutines", "gauge", "[BETA] Number of running goroutines split by the work they do such as binding.", "operation");
    private readonly NumberFamily _incoming = new("scheduler_queue_incoming_pods_total", "counter", "[STABLE] Number of pods added to scheduling queues by event and queue type.", "event", "queue");
    private readonly NumberFamily _preemptions = new("scheduler_preemption_attempts_total", "counter", "[STABLE] Total preemption attempts in the cluster till now", []);
    private readonly HistogramFamily _victims = new("scheduler_preemption_victims", "[STABLE] Number of selected preemption victims", VictimBounds);
    private readonly NumberFamily _afterFlush = new("scheduler_pod_scheduled_after_flush_total", "counter", "[ALPHA] Number of pods that were successfully scheduled after being flushed from unschedulablePods due to timeout. This metric helps detect potential queueing hint misconfigurations or event handling issues.");
    private Func<SchedulerState> _state = () => new();

    /// <summary>What changes of the cluster cost.</summary>
    internal EventMetrics Events { get; } = new();

    /// <summary>What is called beside the loop.</summary>
    internal CallMetrics Calls { get; } = new();

    /// <summary>Whether the scheduler leads; null where there is no election.</summary>
    internal Func<bool>? Leads { get; set; }

    /// <summary>Begins with no attempt to preempt and no pod that time alone helped, which is told as such.</summary>
    public SchedulerMetrics()
    {
        _preemptions.Add(default, 0);
        _afterFlush.Add(default, 0);
    }

    /// <summary>All of them.</summary>
    public IEnumerable<MetricFamily> Families =>
    [
        _attempts, _attemptTimes, _algorithm, _podTimes, _podAttempts, _points, _plugins, _evaluations, _running, _incoming, _preemptions, _victims, _afterFlush,
        new ReadFamily("scheduler_pending_pods", "gauge", "[STABLE] Number of pending pods, by the queue type. 'active' means number of pods in activeQ; 'backoff' means number of pods in backoffQ; 'unschedulable' means number of pods in unschedulablePods that the scheduler attempted to schedule and failed; 'gated' is the number of unschedulable pods that the scheduler never attempted to schedule because they are gated.", Pending, "queue"),
        new ReadFamily("scheduler_cache_size", "gauge", "[ALPHA] Number of nodes, pods, and assumed (bound) pods in the scheduler cache.", CacheSizes, "type"),
        new ReadFamily("scheduler_unschedulable_pods", "gauge", "[BETA] The number of unschedulable pods broken down by plugin name. A pod will increment the gauge for all plugins that caused it to not schedule and so this metric have meaning only when broken down by plugin.", Rejected, "plugin", "profile"),
        .. Events.Families(() => Volatile.Read(ref _state)()),
        .. Calls.Families,
        LeaderElectionFamily.Of("kube-scheduler", () => Leads),
    ];

    /// <summary>Where queue and cache of the present loop are read.</summary>
    internal void Follow(Func<SchedulerState> state) => Volatile.Write(ref _state, state);

    /// <summary>A cycle ended without a place (unschedulable), or failed on the way (error).</summary>
    internal void Attempted(string profile, string result, TimeSpan elapsed)
    {
        _attempts.Add(new(profile, result));
        _attemptTimes.Observe(new(profile, result), elapsed.TotalSeconds);
    }

    /// <summary>A pod is bound.</summary>
    internal void Scheduled(string profile, TimeSpan elapsed, int attempts, TimeSpan sinceQueued)
    {
        Attempted(profile, "scheduled", elapsed);
        _podAttempts.Observe(default, attempts);
        _podTimes.Observe(new(attempts >= ManyAttempts ? $"{ManyAttempts}+" : $"{attempts}"), sinceQueued.TotalSeconds);
    }

    /// <summary>A pod is on its way to its node beside the cycle (1), or no longer (-1).</summary>
    internal void Binding(int change) => _running.Add(new("binding"), change);

    /// <summary>An extender is asked for scores (1), or no longer (-1).</summary>
    internal void Prioritizing(int change) => _running.Add(new("prioritizing_extender"), change);

    /// <summary>Only time had moved the pod that is bound now: no plugin saw what helped it.</summary>
    internal void ScheduledAfterFlush() => _afterFlush.Add(default);

    internal void Decided(TimeSpan elapsed) => _algorithm.Observe(default, elapsed.TotalSeconds);

    /// <summary>All plugins of an extension point have run; <paramref name="status"/> is Success, Unschedulable, ...</summary>
    internal void PointRan(string point, string profile, string status, TimeSpan elapsed) => _points.Observe(new(point, profile, status), elapsed.TotalSeconds);

    /// <summary>One plugin has run in a cycle that is measured closely.</summary>
    internal void PluginRan(string point, string plugin, string status, TimeSpan elapsed) => _plugins.Observe(new(point, plugin, status), elapsed.TotalSeconds);

    /// <summary>Where it is counted how often a plugin of a profile is asked at a point.</summary>
    internal Func<string, string, long[]> Evaluations(string profile) => (point, plugin) => _evaluations.Cell(new(point, plugin, profile));

    /// <summary>A pod came into a queue: active, backoff or unschedulable.</summary>
    internal void Queued(string queue, string why) => _incoming.Add(new(why, queue));

    internal void TriedToPreempt(int victims)
    {
        _preemptions.Add(default);
        if (victims > 0)
        {
            _victims.Observe(default, victims);
        }
    }

    private IEnumerable<(LabelValues, double)> Pending()
    {
        var state = Volatile.Read(ref _state)();
        yield return (new("active"), state.Active);
        yield return (new("backoff"), state.Backoff);
        yield return (new("unschedulable"), state.Unschedulable);
        yield return (new("gated"), state.Gated);
    }

    private IEnumerable<(LabelValues, double)> CacheSizes()
    {
        var state = Volatile.Read(ref _state)();
        yield return (new("assumed_pods"), state.AssumedPods);
        yield return (new("nodes"), state.Nodes);
        yield return (new("pods"), state.Pods);
    }

    private IEnumerable<(LabelValues, double)> Rejected() => Volatile.Read(ref _state)().Rejected.Select(r => (new LabelValues(r.Plugin, r.Profile), (double)r.Pods));
}

/// <summary>Queue and cache at one moment.</summary>
internal sealed record SchedulerState
{
    public int Active { get; init; }

    public int Backoff { get; init; }

    public int Unschedulable { get; init; }

    public int Gated { get; init; }

    public int Nodes { get; init; }

    public int Pods { get; init; }

    public int AssumedPods { get; init; }

    /// <summary>What is kept for pods in flight, by event; the pods are events too, "PodPopped".</summary>
    public IReadOnlyList<(string Event, int Number)> InFlight { get; init; } = [];

    public IReadOnlyList<(string Plugin, string Profile, int Pods)> Rejected { get; init; } = [];
}
