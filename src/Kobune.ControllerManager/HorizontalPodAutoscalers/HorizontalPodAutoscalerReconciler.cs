using System.Collections.Concurrent;
using System.Globalization;
using Kobune.Api;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Scale = Kobune.Api.Autoscaling.V1.Scale;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>Looks at the metrics of an autoscaler every period and sets the scale of its target. Source: pkg/controller/podautoscaler, horizontal.go, reconcileAutoscaler.</summary>
internal sealed class HorizontalPodAutoscalerReconciler(
    ICache<HorizontalPodAutoscaler> autoscalers, ICache<Pod> pods, ScaleReader scales, MetricEvaluator metrics, IClient client, IEventRecorder events, ControllerManagerOptions options,
    TimeProvider time) : IReconciler
{
    private const string Able = "AbleToScale";
    private const string Active = "ScalingActive";

    private readonly ConcurrentDictionary<ObjectKey, ScalingHistory> _histories = new();
    private readonly AutoscalerTargets _targets = new(pods, events, options);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (autoscalers.Find(key) is not { } autoscaler || autoscaler.Metadata.DeletionTimestamp is not null)
        {
            _histories.TryRemove(key, out _);
            _targets.Forget(key);
            return ReconcileResult.Done;
        }

        var (start, look) = (time.GetTimestamp(), new AutoscalerLook());
        try
        {
            await LookAsync(autoscaler, _histories.GetOrAdd(key, _ => new(options.AutoscalerDownscaleStabilization)), look, ct);
        }
        catch (ApiException)
        {
            look.Fails(isSpec: false);
            throw;
        }
        finally
        {
            options.Metrics.Autoscalers.Looked(look, time.GetElapsedTime(start));
        }

        return ReconcileResult.RequeueAfter(options.AutoscalerSyncPeriod);
    }

    private async Task LookAsync(HorizontalPodAutoscaler autoscaler, ScalingHistory history, AutoscalerLook look, CancellationToken ct)
    {
        var conditions = new AutoscalerConditions(autoscaler.Status.Conditions, time.GetUtcNow());
        var status = await ScaleAsync(autoscaler, history, conditions, look, ct);
        status = status with { ObservedGeneration = autoscaler.Metadata.Generation, Conditions = conditions.Items };
        if (status != autoscaler.Status)
        {
            await client.UpdateStatusAsync(autoscaler with { Status = status }, ct);
        }
    }

    private async Task<HorizontalPodAutoscalerStatus> ScaleAsync(HorizontalPodAutoscaler autoscaler, ScalingHistory history, AutoscalerConditions conditions, AutoscalerLook look, CancellationToken ct)
    {
        var (spec, before, target) = (autoscaler.Spec, autoscaler.Status, autoscaler.Spec.ScaleTargetRef);
        Scale scale;
        try
        {
            scale = await scales.FindAsync(target.APIVersion, target.Kind, autoscaler.Metadata.Namespace, target.Name, ct)
                ?? throw new NoScaleException($"{target.Kind.ToLowerInvariant()}s.{target.APIVersion.Split('/')[0]} \"{target.Name}\" not found");
        }
        catch (Exception e) when (e is NoScaleException or ApiException)
        {
            look.Fails(isSpec: false);
            events.Warning(autoscaler, "FailedGetScale", e.Message);
            conditions.Set(Able, false, "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {e.Message}");
            return before;
        }

        conditions.Set(Able, true, "SucceededGetScale", "the HPA controller was able to get the target's current scale");
        var current = scale.Spec.Replicas;
        history.Begin(current, time.GetUtcNow());
        var least = spec.MinReplicas ?? 1;
        var (desired, reason) = (current, "");
        IReadOnlyList<MetricStatus> statuses = []; // those of a look that measures nothing
        if (current == 0 && least != 0)
        {
            conditions.Set(Active, false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
            return before with { CurrentReplicas = current, DesiredReplicas = 0, CurrentMetrics = [] };
        }

        if (current > spec.MaxReplicas)
        {
            (desired, reason) = (spec.MaxReplicas, "Current number of replicas above Spec.MaxReplicas");
        }
        else if (current < least)
        {
            (desired, reason) = (least, "Current number of replicas below Spec.MinReplicas");
        }
        else
        {
            try
            {
                (desired, var metric, statuses) = await ComputeAsync(autoscaler, scale, conditions, look, ct);
                reason = desired > current ? $"{metric} above target" : desired < current ? "All metrics below target" : "";
            }
            catch (MetricException e)
            {
                look.Fails(e.IsSpec);
                events.Warning(autoscaler, "FailedComputeMetricsReplicas", e.Message);
                return before with { CurrentReplicas = current, CurrentMetrics = e.Statuses };
            }

            var (allowed, able, limit, isLimited) = history.Normalize(spec, current, desired, time.GetUtcNow());
            conditions.Set(Able, true, able.Reason, able.Message);
            conditions.Set("ScalingLimited", isLimited, limit.Reason, limit.Message);
            desired = allowed;
        }

        if (desired == current || !await RescaleAsync(autoscaler, scale, desired, reason, history, conditions, look, ct))
        {
            return before with { CurrentReplicas = current, DesiredReplicas = desired == current ? current : before.DesiredReplicas, CurrentMetrics = statuses };
        }

        return before with { CurrentReplicas = current, DesiredReplicas = desired, CurrentMetrics = statuses, LastScaleTime = time.GetUtcNow() };
    }

    private async Task<bool> RescaleAsync(HorizontalPodAutoscaler autoscaler, Scale scale, int desired, string reason, ScalingHistory history, AutoscalerConditions conditions, AutoscalerLook look, CancellationToken ct)
    {
        var target = autoscaler.Spec.ScaleTargetRef;
        try
        {
            await scales.UpdateAsync(target.APIVersion, target.Kind, scale with { Spec = scale.Spec with { Replicas = desired } }, ct);
        }
        catch (ApiException e)
        {
            look.Fails(isSpec: false);
            events.Warning(autoscaler, "FailedRescale", string.Create(CultureInfo.InvariantCulture, $"New size: {desired}; reason: {reason}; error: {e.Message}"));
            conditions.Set(Able, false, "FailedUpdateScale", $"the HPA controller was unable to update the target scale: {e.Message}");
            return false;
        }

        conditions.Set(Able, true, "SucceededRescale", string.Create(CultureInfo.InvariantCulture, $"the HPA controller was able to update the target scale to {desired}"));
        events.Normal(autoscaler, "SuccessfulRescale", string.Create(CultureInfo.InvariantCulture, $"New size: {desired}; reason: {reason}"));
        look.Scales(scale.Spec.Replicas, desired);
        history.Scaled(autoscaler.Spec.Behavior, scale.Spec.Replicas, desired, time.GetUtcNow());
        return true;
    }

    /// <summary>The largest number that a metric asks for; nothing is made smaller while a metric cannot be had.</summary>
    private async Task<(int Desired, string Metric, IReadOnlyList<MetricStatus> Statuses)> ComputeAsync(HorizontalPodAutoscaler autoscaler, Scale scale, AutoscalerConditions conditions, AutoscalerLook look, CancellationToken ct)
    {
        var target = _targets.Of(autoscaler, scale, conditions);
        var proposals = new List<Proposal>();
        var statuses = autoscaler.Spec.Metrics.Select(_ => new MetricStatus()).ToList(); // one that cannot be had has an empty one
        var failures = new List<(MetricSpec Spec, string Message)>();
        foreach (var (i, spec) in autoscaler.Spec.Metrics.Index())
        {
            try
            {
                proposals.Add(await EvaluateAsync(autoscaler, spec, target, ct));
                statuses[i] = proposals[^1].Status;
            }
            catch (MetricException e)
            {
                look.Fails(e.IsSpec);
                failures.Add((spec, e.Message));
                events.Warning(autoscaler, MetricEvaluator.FailureOf(spec), e.Message[(e.Message.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
            }
        }

        var best = proposals.MaxBy(p => p.Replicas);
        if (failures.Count > 0 && (best is null || best.Replicas < scale.Spec.Replicas))
        {
            var (spec, message) = failures[0];
            conditions.Set(Active, false, MetricEvaluator.FailureOf(spec), $"the HPA was unable to compute the replica count: {message[(message.IndexOf(": ", StringComparison.Ordinal) + 2)..]}");
            throw new MetricException(string.Create(CultureInfo.InvariantCulture, $"invalid metrics ({failures.Count} invalid out of {autoscaler.Spec.Metrics.Count}), first error is: {message}")) { Statuses = statuses };
        }

        if (best is null)
        {
            return (scale.Spec.Replicas, "", []); // defaults give every autoscaler a metric
        }

        conditions.Set(Active, true, "ValidMetricFound", $"the HPA was able to successfully calculate a replica count from {best.Name}");
        return (best.Replicas, best.Name, statuses);
    }

    private async Task<Proposal> EvaluateAsync(HorizontalPodAutoscaler autoscaler, MetricSpec spec, MeasuredTarget target, CancellationToken ct)
    {
        var (start, look) = (time.GetTimestamp(), new AutoscalerLook());
        try
        {
            var proposal = await metrics.EvaluateAsync(spec, target, ct);
            look.Scales(autoscaler.Status.CurrentReplicas, proposal.Replicas);
            return proposal;
        }
        catch (MetricException e)
        {
            look.Fails(e.IsSpec);
            throw;
        }
        finally
        {
            options.Metrics.Autoscalers.Computed(look, spec.Type, time.GetElapsedTime(start));
        }
    }
}
