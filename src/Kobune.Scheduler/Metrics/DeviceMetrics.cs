using Kobune.Api.Metrics;

namespace Kobune.Scheduler.Metrics;

/// <summary>What is done for the devices of pods on the way to their nodes: claims of the scheduler's own, and the wait for what drivers bring about.</summary>
internal sealed class DeviceMetrics
{
    public const string Success = "success";
    public const string Failure = "failure";
    public const string Timeout = "timeout";

    private static readonly double[] WaitBounds = HistogramFamily.Exponential(0.1, 2, 14);
    private static readonly string[] WaitLabels = ["driver", "profile", "status"];

    private readonly NumberFamily _claims = new("scheduler_resourceclaim_creates_total", "counter", "[ALPHA] Number of ResourceClaims creation requests within scheduler", "status");
    private readonly NumberFamily _waits = new("scheduler_dra_bindingconditions_allocations_total", "counter", "[ALPHA] Number of allocations using devices with BindingConditions, counted per driver per scheduling attempt", WaitLabels);
    private readonly HistogramFamily _waitTimes = new("scheduler_dra_bindingconditions_wait_duration_seconds", "[ALPHA] Time in seconds spent waiting for BindingConditions to be satisfied during PreBind.", WaitBounds, WaitLabels);

    public IEnumerable<MetricFamily> Families => [_claims, _waits, _waitTimes];

    /// <summary>A claim for extended resources was made, or could not be.</summary>
    public void Created(bool isDone) => _claims.Add(new(isDone ? Success : Failure));

    /// <summary>A pod has waited for devices of these drivers; <paramref name="status"/> is how that ended.</summary>
    public void Waited(IEnumerable<string> drivers, string profile, string status, TimeSpan elapsed)
    {
        foreach (var driver in drivers)
        {
            var labels = new LabelValues(driver, profile, status);
            _waits.Add(labels);
            _waitTimes.Observe(labels, elapsed.TotalSeconds);
        }
    }
}
