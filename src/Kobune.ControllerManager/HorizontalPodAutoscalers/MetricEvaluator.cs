using Kobune.Api;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>What a metric asks for.</summary>
/// <param name="Replicas">So many.</param>
/// <param name="Name">The metric as events name it.</param>
/// <param name="Status">What was measured.</param>
internal sealed record Proposal(int Replicas, string Name, MetricStatus Status);

/// <summary>What metrics are looked at for: the target of an autoscaler.</summary>
/// <param name="Namespace">Of the autoscaler and its pods.</param>
/// <param name="Selector">Of the pods.</param>
/// <param name="Pods">All that are selected.</param>
/// <param name="SpecReplicas">Wanted now.</param>
/// <param name="StatusReplicas">There now.</param>
/// <param name="Tolerance">Of the ratio.</param>
internal sealed record MeasuredTarget(string Namespace, Selector Selector, IReadOnlyList<Pod> Pods, int SpecReplicas, int StatusReplicas, Tolerance Tolerance);

/// <summary>Works out what a metric of an autoscaler asks for. Source: pkg/controller/podautoscaler, horizontal.go, computeReplicasForMetric.</summary>
internal sealed class MetricEvaluator(MetricsReader metrics, StartUpDelays delays, TimeProvider time)
{
    /// <summary>The proposal of a metric.</summary>
    /// <exception cref="MetricException">There is none; the message is upstream's.</exception>
    public Task<Proposal> EvaluateAsync(MetricSpec spec, MeasuredTarget target, CancellationToken ct) => spec switch
    {
        { Type: "Resource", Resource: { } source } => ResourceAsync(source.Name, null, source.Target, target, ct),
        { Type: "ContainerResource", ContainerResource: { } source } => ResourceAsync(source.Name, source.Container, source.Target, target, ct),
        { Type: "Pods", Pods: { } source } => PodsAsync(source, target, ct),
        { Type: "Object", Object: { } source } => ObjectAsync(source, target, ct),
        { Type: "External", External: { } source } => ExternalAsync(source, target, ct),
        _ => throw new MetricException($"unknown metric source type \"{spec.Type}\"", isSpec: true),
    };

    /// <summary>The reason of the event and the condition when a metric cannot be had.</summary>
    public static string FailureOf(MetricSpec spec) => spec.Type switch
    {
        "Resource" => "FailedGetResourceMetric",
        "ContainerResource" => "FailedGetContainerResourceMetric",
        "Pods" => "FailedGetPodsMetric",
        "Object" => "FailedGetObjectMetric",
        "External" => "FailedGetExternalMetric",
        _ => "InvalidMetricSourceType",
    };

    private async Task<Proposal> ResourceAsync(string name, string? container, MetricTarget wanted, MeasuredTarget target, CancellationToken ct)
    {
        var what = container is null ? $"{name} resource metric value" : $"{name} container metric value";
        var step = wanted.AverageValue is null ? "utilization" : "usage";
        try
        {
            var measured = await MeasureAsync(name, container, target, ct);
            var kind = container is null ? $"{name} resource" : $"{name} container resource";
            if (wanted.AverageValue is { } value)
            {
                var (replicas, average) = ReplicaCalculator.ByValue(target.SpecReplicas, value.MilliValue, measured, target.Pods, name, target.Tolerance, delays, time.GetUtcNow());
                return new(replicas, kind, StatusOf(name, container, new() { AverageValue = Quantity.FromMilli(average, value.Format) }));
            }

            var percent = wanted.AverageUtilization ?? throw new MetricException("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set", isSpec: true);
            var (count, utilization, usage) = ReplicaCalculator.ByUtilization(target.SpecReplicas, percent, measured, target.Pods, name, container, target.Tolerance, delays, time.GetUtcNow());
            return new(count, $"{kind} utilization (percentage of request)", StatusOf(name, container, new() { AverageUtilization = utilization, AverageValue = Quantity.FromMilli(usage, name == "memory" ? QuantityFormat.BinarySI : QuantityFormat.DecimalSI) }));
        }
        catch (MetricException e)
        {
            throw new MetricException($"failed to get {what}: failed to get {name} {step}: {e.Message}", e.IsSpec);
        }
    }

    private async Task<Dictionary<string, PodMetric>> MeasureAsync(string name, string? container, MeasuredTarget target, CancellationToken ct)
    {
        try
        {
            return await metrics.ResourceAsync(name, target.Namespace, target.Selector, container, ct);
        }
        catch (MetricException e)
        {
            throw new MetricException($"unable to get metrics for resource {name}: {e.Message}", e.IsSpec);
        }
    }

    private static MetricStatus StatusOf(string name, string? container, MetricValueStatus current) => container is null
        ? new() { Type = "Resource", Resource = new() { Name = name, Current = current } }
        : new() { Type = "ContainerResource", ContainerResource = new() { Name = name, Container = container, Current = current } };

    private async Task<Proposal> PodsAsync(PodsMetricSource source, MeasuredTarget target, CancellationToken ct)
    {
        try
        {
            var measured = await metrics.PodsAsync(source.Metric, target.Namespace, target.Selector, ct);
            var wanted = source.Target.AverageValue ?? Quantity.Zero;
            var (replicas, average) = ReplicaCalculator.ByValue(target.SpecReplicas, wanted.MilliValue, measured, target.Pods, "", target.Tolerance, delays, time.GetUtcNow());
            return new(replicas, $"pods metric {source.Metric.Name}", new() { Type = "Pods", Pods = new() { Metric = source.Metric, Current = new() { AverageValue = Quantity.FromMilli(average) } } });
        }
        catch (MetricException e)
        {
            throw new MetricException($"failed to get pods metric value: unable to get metric {source.Metric.Name}: {e.Message}", e.IsSpec);
        }
    }

    private async Task<Proposal> ObjectAsync(ObjectMetricSource source, MeasuredTarget target, CancellationToken ct)
    {
        try
        {
            var usage = await metrics.ObjectAsync(source.Metric, target.Namespace, source.DescribedObject, ct);
            var (replicas, current, kind) = Share(source.Target, usage, target);
            return new(replicas, $"{kind}metric {source.Metric.Name}", new() { Type = "Object", Object = new() { Metric = source.Metric, DescribedObject = source.DescribedObject, Current = current } });
        }
        catch (MetricException e)
        {
            throw new MetricException($"failed to get object metric value: unable to get metric {source.Metric.Name}: {source.DescribedObject.Kind} on {target.Namespace} {source.DescribedObject.Name}/{e.Message}", e.IsSpec);
        }
    }

    private async Task<Proposal> ExternalAsync(ExternalMetricSource source, MeasuredTarget target, CancellationToken ct)
    {
        try
        {
            var usage = (await metrics.ExternalAsync(source.Metric, target.Namespace, ct)).Sum();
            var (replicas, current, _) = Share(source.Target, usage, target);
            return new(replicas, $"external metric {source.Metric.Name}({Selectors.Text(source.Metric.Selector)})", new() { Type = "External", External = new() { Metric = source.Metric, Current = current } });
        }
        catch (MetricException e)
        {
            throw new MetricException($"failed to get {source.Metric.Name} external metric: unable to get external metric {target.Namespace}/{source.Metric.Name}/{Selectors.Text(source.Metric.Selector)}: {e.Message}", e.IsSpec);
        }
    }

    private static (int Replicas, MetricValueStatus Current, string Kind) Share(MetricTarget wanted, long usage, MeasuredTarget target)
    {
        if (wanted.Value is { } value)
        {
            return (ReplicaCalculator.ByRatio(target.SpecReplicas, usage / (double)value.MilliValue, target.Pods, target.Tolerance), new() { Value = Quantity.FromMilli(usage) }, "");
        }

        var perPod = wanted.AverageValue ?? throw new MetricException("invalid metric source: neither a value target nor an average value target was set", isSpec: true);
        var (replicas, average) = ReplicaCalculator.ByShare(target.StatusReplicas, usage, perPod.MilliValue, target.Tolerance);
        return (replicas, new() { AverageValue = Quantity.FromMilli(average) }, "average ");
    }

    private static class Selectors
    {
        public static string Text(Api.Meta.V1.LabelSelector? selector) => selector is null ? "nil" : $"&{Selector.From(selector)}";
    }
}
