using Kobune.Api;
using Kobune.Api.Autoscaling.V2;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>Why a number of replicas is what it is: parts of a condition.</summary>
internal readonly record struct ScalingReason(string Reason, string Message);

/// <summary>
/// What an autoscaler recommended and did in the last while, and what of a wish may be done now: stabilization windows, rates, and the limits. Not safe for concurrent
/// callers. Source: pkg/controller/podautoscaler, horizontal.go.
/// </summary>
/// <param name="downscaleWindow">For how long the highest recommendation holds where the autoscaler does not say.</param>
internal sealed class ScalingHistory(TimeSpan downscaleWindow)
{
    private static readonly ScalingReason Within = new("DesiredWithinRange", "the desired count is within the acceptable range");
    private static readonly ScalingReason TooFew = new("TooFewReplicas", "the desired replica count is less than the minimum replica count");
    private static readonly ScalingReason TooMany = new("TooManyReplicas", "the desired replica count is more than the maximum replica count");
    private static readonly ScalingReason UpLimit = new("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
    private static readonly ScalingReason DownLimit = new("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");
    private static readonly ScalingReason NewScale = new("ReadyForNewScale", "recommended size matches current size");
    private static readonly ScalingReason LowerBefore = new("ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation");
    private static readonly ScalingReason HigherBefore = new("ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation");

    private readonly List<(int Replicas, DateTimeOffset Time)> _recommendations = [];
    private readonly List<(int Change, DateTimeOffset Time)> _ups = [];
    private readonly List<(int Change, DateTimeOffset Time)> _downs = [];
    private bool _hasBegun;

    /// <summary>The replicas that were there before the first look are a recommendation too: a new autoscaler, or a new process, takes none of them away before its window is over.</summary>
    public void Begin(int current, DateTimeOffset now)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            _recommendations.Add((current, now));
        }
    }

    /// <summary>What may be done of a wish, why it can be scaled, and what limits it.</summary>
    public (int Replicas, ScalingReason Able, ScalingReason Limit, bool IsLimited) Normalize(HorizontalPodAutoscalerSpec spec, int current, int desired, DateTimeOffset now)
    {
        var least = spec.MinReplicas ?? 1;
        if (spec.Behavior is not { } behavior)
        {
            var highest = Stabilize(desired, now);
            var (replicas, limit) = WithDefaultRate(current, highest, least, spec.MaxReplicas);
            return (replicas, highest != desired ? HigherBefore : NewScale, limit, replicas != highest);
        }

        var stabilized = Stabilize(behavior, current, desired, now);
        var able = stabilized == desired ? NewScale : desired >= current ? LowerBefore : HigherBefore;
        var (rated, reason) = WithRates(behavior, current, stabilized, least, spec.MaxReplicas, now);
        return (rated, able, reason, rated != stabilized);
    }

    /// <summary>Remembers that the replicas were changed.</summary>
    public void Scaled(HorizontalPodAutoscalerBehavior? behavior, int from, int to, DateTimeOffset now)
    {
        if (behavior is null)
        {
            return;
        }

        var (events, change, rules) = to > from ? (_ups, to - from, behavior.ScaleUp) : (_downs, from - to, behavior.ScaleDown);
        var longest = TimeSpan.FromSeconds(rules?.Policies.Select(p => p.PeriodSeconds).DefaultIfEmpty(0).Max() ?? 0);
        events.RemoveAll(e => e.Time <= now - longest);
        events.Add((change, now));
    }

    private int Stabilize(int desired, DateTimeOffset now)
    {
        _recommendations.RemoveAll(r => r.Time <= now - downscaleWindow);
        _recommendations.Add((desired, now));
        return _recommendations.Max(r => r.Replicas);
    }

    private int Stabilize(HorizontalPodAutoscalerBehavior behavior, int current, int desired, DateTimeOffset now)
    {
        var up = TimeSpan.FromSeconds(behavior.ScaleUp?.StabilizationWindowSeconds ?? 0);
        var down = behavior.ScaleDown?.StabilizationWindowSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : downscaleWindow;
        var lowest = _recommendations.Where(r => r.Time > now - up).Select(r => r.Replicas).Append(desired).Min();
        var highest = _recommendations.Where(r => r.Time > now - down).Select(r => r.Replicas).Append(desired).Max();
        _recommendations.RemoveAll(r => r.Time <= now - (up > down ? up : down));
        _recommendations.Add((desired, now));
        return Math.Min(Math.Max(current, lowest), highest);
    }

    private static (int Replicas, ScalingReason Reason) WithDefaultRate(int current, int desired, int least, int most)
    {
        var limit = Math.Max(2 * current, 4);
        var (allowed, reason) = most > limit ? (limit, UpLimit) : (most, TooMany);
        return desired < least ? (least, TooFew) : desired > allowed ? (allowed, reason) : (desired, Within);
    }

    private (int Replicas, ScalingReason Reason) WithRates(HorizontalPodAutoscalerBehavior behavior, int current, int desired, int least, int most, DateTimeOffset now)
    {
        if (desired > current)
        {
            var limit = Math.Max(current, Limit(behavior.ScaleUp, current, now, isUp: true));
            var (allowed, reason) = most > limit ? (limit, UpLimit) : (most, TooMany);
            return desired > allowed ? (allowed, reason) : (desired, Within);
        }

        if (desired < current)
        {
            var limit = Math.Min(current, Limit(behavior.ScaleDown, current, now, isUp: false));
            var (allowed, reason) = least < limit ? (limit, DownLimit) : (least, TooFew);
            return desired < allowed ? (allowed, reason) : (desired, Within);
        }

        return (desired, Within);
    }

    private int Limit(HPAScalingRules? rules, int current, DateTimeOffset now, bool isUp)
    {
        if (rules is null || rules.Policies.Count == 0)
        {
            return isUp ? int.MaxValue : 0;
        }

        if (rules.SelectPolicy == "Disabled")
        {
            return current;
        }

        var limits = rules.Policies.Select(policy =>
        {
            var since = now - TimeSpan.FromSeconds(policy.PeriodSeconds);
            var start = current - _ups.Where(e => e.Time > since).Sum(e => e.Change) + _downs.Where(e => e.Time > since).Sum(e => e.Change);
            var share = policy.Value / 100.0;
            return (policy.Type, isUp) switch
            {
                ("Pods", true) => start + policy.Value,
                ("Pods", false) => start - policy.Value,
                (_, true) => (int)Math.Ceiling(start * (1 + share)),
                _ => (int)(start * (1 - share)),
            };
        }).ToArray();
        return isUp == (rules.SelectPolicy != "Min") ? limits.Max() : limits.Min();
    }
}
