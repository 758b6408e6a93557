using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Metrics;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of workloads. Source: the metrics folders of pkg/controller/replicaset, statefulset, daemon, job and cronjob.</summary>
internal sealed class WorkloadMetrics
{
    private const string Sets = "statefulset_controller_";
    private static readonly string[] SetLabels = ["pod_management_policy", "statefulset_name", "statefulset_namespace"];

    private readonly HistogramFamily _skews = new("cronjob_controller_job_creation_skew_duration_seconds", "[STABLE] Time between when a cronjob is scheduled to be run, and when the corresponding job is created", HistogramFamily.Exponential(1, 2, 10));
    private readonly HistogramFamily _ages = new(
        "replicaset_controller_sorting_deletion_age_ratio",
        "[ALPHA] The ratio of chosen deleted pod's ages to the current youngest pod's age (at the time). Should be <2. The intent of this metric is to measure the rough efficacy of the LogarithmicScaleDown feature gate's effect on the sorting (and deletion) of pods when a replicaset scales down. This only considers Ready pods when calculating and reporting.",
        HistogramFamily.Exponential(0.25, 2, 6));

    private readonly Dictionary<string, NumberFamily> _skips = new[] { "DaemonSet", "Job", "ReplicaSet", "StatefulSet" }.ToDictionary(
        kind => kind.ToLowerInvariant(),
        kind => new NumberFamily($"{kind.ToLowerInvariant()}_controller_stale_sync_skips_total", "counter", $"[ALPHA] Total number of {kind} syncs skipped due to a stale watch cache.", "group", "resource"),
        StringComparer.Ordinal);

    private Func<IEnumerable<(StatefulSet Set, int Allowed, int Unavailable)>> _sets = () => [];

    public WorkloadMetrics()
    {
        _skews.Cell(default);
        _ages.Cell(default);
    }

    public IEnumerable<MetricFamily> Families =>
    [
        _skews,
        _ages,
        .. _skips.Values,
        new ReadFamily(Sets + "statefulset_max_unavailable", "gauge", "[BETA] Maximum number of unavailable pods allowed during StatefulSet rolling updates", () => Read(s => s.Allowed), SetLabels),
        new ReadFamily(Sets + "statefulset_unavailable_replicas", "gauge", "[BETA] Current number of unavailable pods in StatefulSet", () => Read(s => s.Unavailable), SetLabels),
    ];

    /// <summary>The StatefulSets whose rolling updates may take several pods at once.</summary>
    public void Follow(Func<IEnumerable<(StatefulSet Set, int Allowed, int Unavailable)>> sets) => Volatile.Write(ref _sets, sets);

    /// <summary>What counts the looks of a controller that wait for a cache; null for those that upstream does not count.</summary>
    public Action<ResourceDescriptor>? SkippedBy(string controller) =>
        _skips.TryGetValue(controller, out var family) ? resource => family.Add(new(resource.Group, resource.Plural)) : null;

    public void CronJobStarted(TimeSpan late) => _skews.Observe(default, late.TotalSeconds);

    /// <summary>Some pods of a set were chosen to go, others stay.</summary>
    /// <param name="active">All of them.</param>
    /// <param name="chosen">Those that go.</param>
    /// <param name="now">For the ages.</param>
    public void PodsChosen(IReadOnlyList<Pod> active, IReadOnlyList<Pod> chosen, DateTimeOffset now)
    {
        if (active.Where(p => p.IsReady()).Max(p => p.Metadata.CreationTimestamp) is not { } newest)
        {
            return;
        }

        foreach (var pod in chosen.Where(p => p.IsReady()))
        {
            var (age, youngest) = ((long)(now - pod.Metadata.CreationTimestamp!.Value).TotalMilliseconds, (long)(now - newest).TotalMilliseconds);
            _ages.Observe(default, youngest > 0 ? age / youngest : 1); // a whole number, as upstream's is
        }
    }

    private IEnumerable<(LabelValues Labels, double Value)> Read(Func<(StatefulSet Set, int Allowed, int Unavailable), int> value) =>
        Volatile.Read(ref _sets)().Select(s => (new LabelValues(s.Set.Spec.PodManagementPolicy, s.Set.Metadata.Name, s.Set.Metadata.Namespace), (double)value(s)));
}
