using System.Collections.Concurrent;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Scale = Kobune.Api.Autoscaling.V1.Scale;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>The pods that autoscalers measure; no two may measure the same.</summary>
internal sealed class AutoscalerTargets(ICache<Pod> pods, IEventRecorder events, ControllerManagerOptions options)
{
    private const string Active = "ScalingActive";

    private readonly ConcurrentDictionary<ObjectKey, Selector> _selectors = new(); // what each measured last

    /// <summary>An autoscaler is gone.</summary>
    public void Forget(ObjectKey key) => _selectors.TryRemove(key, out _);

    /// <summary>What an autoscaler measures.</summary>
    /// <exception cref="MetricException">Nothing can be; the condition says why.</exception>
    public MeasuredTarget Of(HorizontalPodAutoscaler autoscaler, Scale scale, AutoscalerConditions conditions)
    {
        if (string.IsNullOrEmpty(scale.Status.Selector))
        {
            events.Warning(autoscaler, "SelectorRequired", "selector is required");
            conditions.Set(Active, false, "InvalidSelector", "the HPA target's scale is missing a selector");
            throw new MetricException("selector is required");
        }

        Selector selector;
        try
        {
            selector = Selector.Parse(scale.Status.Selector);
        }
        catch (FormatException e)
        {
            var problem = $"couldn't convert selector into a corresponding internal selector object: {e.Message}";
            events.Warning(autoscaler, "InvalidSelector", problem);
            conditions.Set(Active, false, "InvalidSelector", problem);
            throw new MetricException(problem);
        }

        _selectors[ObjectKey.Of(autoscaler)] = selector;
        var measured = pods.List(autoscaler.Metadata.Namespace, selector);
        if (OthersOf(autoscaler, measured) is { Count: > 1 } many)
        {
            var problem = $"pods by selector {scale.Status.Selector} are controlled by multiple HPAs: [{string.Join(' ', many.Select(k => $"{{{k.Name} {k.Namespace}}}"))}]";
            events.Warning(autoscaler, "AmbiguousSelector", problem);
            conditions.Set(Active, false, "AmbiguousSelector", problem);
            throw new MetricException(problem);
        }

        var behavior = autoscaler.Spec.Behavior;
        return new(
            autoscaler.Metadata.Namespace,
            selector,
            measured,
            scale.Spec.Replicas,
            scale.Status.Replicas,
            new(ToleranceOf(behavior?.ScaleDown), ToleranceOf(behavior?.ScaleUp)));
    }

    /// <summary>The autoscalers that measure any of these pods.</summary>
    private List<ObjectKey> OthersOf(HorizontalPodAutoscaler autoscaler, IReadOnlyList<Pod> measured) =>
    [
        .. _selectors.Where(s => s.Key.Namespace == autoscaler.Metadata.Namespace && measured.Any(p => s.Value.Matches(p.Metadata.Labels))).Select(s => s.Key).OrderBy(k => k.Name, StringComparer.Ordinal),
    ];

    private double ToleranceOf(HPAScalingRules? rules) => rules?.Tolerance is { } tolerance ? tolerance.MilliValue / 1000.0 : options.AutoscalerTolerance;
}
