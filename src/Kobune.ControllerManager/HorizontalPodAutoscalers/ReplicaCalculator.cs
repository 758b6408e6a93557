using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>How far a ratio may be from 1 before anything is done.</summary>
internal readonly record struct Tolerance(double Down, double Up)
{
    public bool Covers(double ratio) => ratio >= 1 - Down && ratio <= 1 + Up;
}

/// <summary>When pods count as started, kube-controller-manager's defaults.</summary>
/// <param name="CpuInitialization">So long the CPU of a young pod counts only while it is ready.</param>
/// <param name="InitialReadiness">So long after its start a change of readiness is the first.</param>
internal sealed record StartUpDelays(TimeSpan CpuInitialization, TimeSpan InitialReadiness);

/// <summary>
/// How many replicas a metric asks for. Pods that are not ready or have no value are thought of in the way that changes the least. Source:
/// pkg/controller/podautoscaler, replica_calculator.go.
/// </summary>
internal static class ReplicaCalculator
{
    /// <summary>By the usage of a resource as a part of its requests. Returns replicas, utilization in percent, and usage per pod in thousandths.</summary>
    /// <exception cref="MetricException">There is nothing to work with.</exception>
    public static (int Replicas, int Utilization, long Average) ByUtilization(
        int current, int targetUtilization, Dictionary<string, PodMetric> metrics, IReadOnlyList<Pod> pods, string resource, string? container, Tolerance tolerance, StartUpDelays delays, DateTimeOffset now)
    {
        var groups = PodGroups.Of(Some(pods), metrics, resource, delays, now);
        var counted = groups.Counted(metrics);
        var requests = MeasuredRequests.Of(pods, resource, container);
        var (ratio, utilization, average) = UsageRatio(counted, requests, targetUtilization);
        var rebalances = groups.Unready.Count > 0 && ratio > 1;
        if (!rebalances && groups.Missing.Count == 0)
        {
            return (tolerance.Covers(ratio) ? current : Ceiling(ratio * groups.Ready), utilization, average);
        }

        if (ratio < 1)
        {
            var fallback = Math.Max(100, targetUtilization);
            groups.Missing.ForEach(p => counted[p] = requests.GetValueOrDefault(p) * fallback / 100);
        }
        else if (ratio > 1)
        {
            groups.Missing.ForEach(p => counted[p] = 0);
        }

        if (rebalances)
        {
            groups.Unready.ForEach(p => counted[p] = 0);
        }

        return (Guarded(current, ratio, UsageRatio(counted, requests, targetUtilization).Ratio, counted.Count, tolerance), utilization, average);
    }

    /// <summary>By a value per pod, in thousandths. Returns replicas and the value per pod.</summary>
    /// <exception cref="MetricException">There is nothing to work with.</exception>
    public static (int Replicas, long Average) ByValue(
        int current, long target, Dictionary<string, PodMetric> metrics, IReadOnlyList<Pod> pods, string resource, Tolerance tolerance, StartUpDelays delays, DateTimeOffset now)
    {
        var groups = PodGroups.Of(Some(pods), metrics, resource, delays, now);
        var counted = groups.Counted(metrics);
        var (ratio, average) = ValueRatio(counted, target);
        var rebalances = groups.Unready.Count > 0 && ratio > 1;
        if (!rebalances && groups.Missing.Count == 0)
        {
            return (tolerance.Covers(ratio) ? current : Ceiling(ratio * groups.Ready), average);
        }

        if (groups.Missing.Count > 0)
        {
            groups.Missing.ForEach(p => counted[p] = ratio < 1 ? target : 0);
        }

        if (rebalances)
        {
            groups.Unready.ForEach(p => counted[p] = 0);
        }

        return (Guarded(current, ratio, ValueRatio(counted, target).Ratio, counted.Count, tolerance), average);
    }

    /// <summary>By one value for all, in thousandths: the replicas grow and shrink as it does.</summary>
    public static int ByRatio(int current, double ratio, IReadOnlyList<Pod> pods, Tolerance tolerance)
    {
        if (current == 0)
        {
            return Ceiling(ratio);
        }

        return tolerance.Covers(ratio) ? current : Ceiling(ratio * Some(pods).Count(p => p.Status.Phase == PodPhase.Running && p.IsReady()));
    }

    /// <summary>By one value that all pods share, in thousandths. Returns replicas and the value per pod.</summary>
    public static (int Replicas, long Average) ByShare(int current, long usage, long targetPerPod, Tolerance tolerance)
    {
        var ratio = usage / ((double)targetPerPod * current);
        var replicas = current > 0 && tolerance.Covers(ratio) ? current : Ceiling(usage / (double)targetPerPod);
        return (replicas, current == 0 ? 0 : Ceiling(usage / (double)current));
    }

    private static IReadOnlyList<Pod> Some(IReadOnlyList<Pod> pods) => pods.Count > 0 ? pods : throw new MetricException("no pods returned by selector while calculating replica count");

    private static int Ceiling(double value) => (int)Math.Ceiling(value);

    /// <summary>A guess about pods without values never turns the direction.</summary>
    private static int Guarded(int current, double ratio, double guessed, int pods, Tolerance tolerance)
    {
        if (tolerance.Covers(guessed) || (ratio < 1 && guessed > 1) || (ratio > 1 && guessed < 1))
        {
            return current;
        }

        var replicas = Ceiling(guessed * pods);
        return (guessed < 1 && replicas > current) || (guessed > 1 && replicas < current) ? current : replicas;
    }

    private static (double Ratio, int Utilization, long Average) UsageRatio(Dictionary<string, long> usage, Dictionary<string, long> requests, int target)
    {
        var known = usage.Where(u => requests.ContainsKey(u.Key)).ToList();
        var (total, requested) = (known.Sum(u => u.Value), known.Sum(u => requests[u.Key]));
        if (requested == 0)
        {
            throw new MetricException("no metrics returned matched known pods");
        }

        var utilization = (int)(total * 100 / requested);
        return (utilization / (double)target, utilization, total / known.Count);
    }

    private static (double Ratio, long Average) ValueRatio(Dictionary<string, long> values, long target)
    {
        var average = values.Values.Sum() / values.Count;
        return (average / (double)target, average);
    }

    /// <summary>Which pods count and how.</summary>
    private sealed class PodGroups
    {
        private readonly HashSet<string> _ignored = new(StringComparer.Ordinal);

        public int Ready { get; private set; }

        public List<string> Unready { get; } = [];

        public List<string> Missing { get; } = [];

        public static PodGroups Of(IReadOnlyList<Pod> pods, Dictionary<string, PodMetric> metrics, string resource, StartUpDelays delays, DateTimeOffset now)
        {
            var groups = new PodGroups();
            foreach (var pod in pods)
            {
                var name = pod.Metadata.Name;
                if (pod.Metadata.DeletionTimestamp is not null || pod.Status.Phase == PodPhase.Failed)
                {
                    groups._ignored.Add(name);
                }
                else if (pod.Status.Phase == PodPhase.Pending)
                {
                    groups.Unready.Add(name);
                }
                else if (!metrics.TryGetValue(name, out var metric))
                {
                    groups.Missing.Add(name);
                }
                else if (resource == "cpu" && IsStarting(pod, metric, delays, now))
                {
                    groups.Unready.Add(name);
                }
                else
                {
                    groups.Ready++;
                }
            }

            return groups;
        }

        /// <summary>The values of pods that are neither ignored nor unready.</summary>
        public Dictionary<string, long> Counted(Dictionary<string, PodMetric> metrics)
        {
            var counted = metrics.Where(m => !_ignored.Contains(m.Key) && !Unready.Contains(m.Key)).ToDictionary(m => m.Key, m => m.Value.Milli, StringComparer.Ordinal);
            return counted.Count > 0 ? counted : throw new MetricException("did not receive metrics for targeted pods (pods might be unready)");
        }

        private static bool IsStarting(Pod pod, PodMetric metric, StartUpDelays delays, DateTimeOffset now)
        {
            if (pod.Condition(PodConditionType.Ready) is not { } ready || pod.Status.StartTime is not { } start)
            {
                return true;
            }

            return start + delays.CpuInitialization > now
                ? ready.Status == "False" || metric.Time < ready.LastTransitionTime + metric.Window
                : ready.Status == "False" && start + delays.InitialReadiness > ready.LastTransitionTime;
        }
    }
}
