using Kobune.Api.Metrics;
using HorizontalPodAutoscaler = Kobune.Api.Autoscaling.V2.HorizontalPodAutoscaler;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of the horizontal pod autoscaler. Source: pkg/controller/podautoscaler/monitor.</summary>
internal sealed class AutoscalerMetrics
{
    private const string Prefix = "horizontal_pod_autoscaler_controller_";
    private const string Actions = "The label 'action' should be either 'scale_down', 'scale_up', or 'none'.";
    private const string Errors = "he label 'error' should be either 'spec', 'internal', or 'none'.";
    private const string First = " Note that if both spec and internal errors happen during a reconciliation, the first one to occur is reported in `error` label.";
    private const string Types = " The label 'metric_type' corresponds to HPA.spec.metrics[*].type";
    private static readonly double[] Bounds = HistogramFamily.Exponential(0.001, 2, 15);

    private readonly NumberFamily _looks = new(Prefix + "reconciliations_total", "counter", $"[BETA] Number of reconciliations of HPA controller. {Actions} Also, t{Errors}{First}", "action", "error");
    private readonly HistogramFamily _lookTimes = new(Prefix + "reconciliation_duration_seconds", $"[BETA] The time(seconds) that the HPA controller takes to reconcile once. {Actions} Also, t{Errors}{First}", Bounds, "action", "error");
    private readonly NumberFamily _computations = new(Prefix + "metric_computation_total", "counter", $"[BETA] Number of metric computations. {Actions} Also, t{Errors}{Types}", "action", "error", "metric_type");
    private readonly HistogramFamily _computationTimes = new(Prefix + "metric_computation_duration_seconds", $"[BETA] The time(seconds) that the HPA controller takes to calculate one metric. {Actions} T{Errors}{Types}", Bounds, "action", "error", "metric_type");
    private Func<IReadOnlyList<HorizontalPodAutoscaler>> _autoscalers = () => [];

    public IEnumerable<MetricFamily> Families =>
    [
        _looks,
        _lookTimes,
        _computations,
        _computationTimes,
        new ReadFamily(Prefix + "num_horizontal_pod_autoscalers", "gauge", "[ALPHA] Current number of controlled HPA objects.", () => [(default, Autoscalers.Count)]),
        new ReadFamily(Prefix + "desired_replicas", "gauge", "[ALPHA] Current desired replica count for HPA objects.", Desired, "hpa_name", "namespace"),
    ];

    private IReadOnlyList<HorizontalPodAutoscaler> Autoscalers => Volatile.Read(ref _autoscalers)();

    public void Follow(Func<IReadOnlyList<HorizontalPodAutoscaler>> autoscalers) => Volatile.Write(ref _autoscalers, autoscalers);

    /// <summary>An autoscaler was looked at.</summary>
    public void Looked(AutoscalerLook look, TimeSpan elapsed)
    {
        var labels = new LabelValues(look.Action, look.Error);
        _looks.Add(labels);
        _lookTimes.Observe(labels, elapsed.TotalSeconds);
    }

    /// <summary>A metric was looked at, which may ask for another scale.</summary>
    public void Computed(AutoscalerLook look, string type, TimeSpan elapsed)
    {
        var labels = new LabelValues(look.Error == AutoscalerLook.None ? look.Action : AutoscalerLook.None, look.Error, type);
        _computations.Add(labels);
        _computationTimes.Observe(labels, elapsed.TotalSeconds);
    }

    /// <summary>One that was never looked at has no number of its own yet.</summary>
    private IEnumerable<(LabelValues Labels, double Value)> Desired() => Autoscalers
        .Where(a => a.Status.ObservedGeneration is not null)
        .Select(a => (new LabelValues(a.Metadata.Name, a.Metadata.Namespace), (double)a.Status.DesiredReplicas));
}

/// <summary>What came of one look, in the words of the labels.</summary>
internal sealed class AutoscalerLook
{
    public const string None = "none";

    /// <summary>scale_up, scale_down or none.</summary>
    public string Action { get; private set; } = None;

    /// <summary>spec, internal or none.</summary>
    public string Error { get; private set; } = None;

    public void Scales(int before, int after) => Action = after > before ? "scale_up" : after < before ? "scale_down" : None;

    /// <summary>Something failed; the first that did counts.</summary>
    public void Fails(bool isSpec) => Error = Error == None ? isSpec ? "spec" : "internal" : Error;
}
