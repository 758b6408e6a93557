using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Devices;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>Rates a node by what would be in use with the pod on it. Source: pkg/scheduler/framework/plugins/noderesources.</summary>
internal static class ResourceScores
{
    public static long Of(ScoringStrategy strategy, PodInfo pod, NodeInfo node, DeviceView? devices)
    {
        var isRatio = strategy.Type == "RequestedToCapacityRatio";
        long sum = 0, weights = 0;
        for (var i = 0; i < strategy.Resources.Count; i++)
        {
            var (name, weight) = strategy.Resources[i];
            if (Use(name, pod, node, devices) is not { Capacity: not 0 } use)
            {
                continue;
            }

            var score = strategy.Type switch
            {
                "MostAllocated" => (long)((Int128)Math.Min(use.Used, use.Capacity) * SchedulingFramework.MaxNodeScore / use.Capacity),
                "RequestedToCapacityRatio" => OnLine(strategy.Shape, use.Used > use.Capacity ? 100 : (long)((Int128)use.Used * 100 / use.Capacity)),
                _ => use.Used > use.Capacity ? 0 : (long)((Int128)(use.Capacity - use.Used) * SchedulingFramework.MaxNodeScore / use.Capacity),
            };
            if (score > 0 || !isRatio)
            {
                sum += score * weight;
                weights += weight;
            }
        }

        return weights == 0 ? 0 : isRatio ? (long)Math.Round((double)sum / weights, MidpointRounding.AwayFromZero) : sum / weights;
    }

    /// <summary>How alike the shares are to which resources would be in use: 100 less their standard deviation in percent.</summary>
    public static long Balance(IReadOnlyList<string> resources, PodInfo pod, NodeInfo node, DeviceView? devices)
    {
        Span<double> shares = stackalloc double[resources.Count];
        var (count, sum) = (0, 0.0);
        foreach (var name in resources)
        {
            if (Use(name, pod, node, devices, asRequested: true) is { Capacity: not 0 } use)
            {
                sum += shares[count++] = Math.Min(1, (double)use.Used / use.Capacity);
            }
        }

        var deviation = count < 2 ? 0 : count == 2 ? Math.Abs(shares[0] - shares[1]) / 2 : Deviation(shares[..count], sum / count);
        return (long)((1 - deviation) * SchedulingFramework.MaxNodeScore);
    }

    private static double Deviation(ReadOnlySpan<double> shares, double mean)
    {
        var squares = 0.0;
        foreach (var share in shares)
        {
            squares += (share - mean) * (share - mean);
        }

        return Math.Sqrt(squares / shares.Length);
    }

    /// <summary>What the node would have in use and what it has; null of an extended resource that the pod does not ask for.</summary>
    private static (long Used, long Capacity)? Use(string name, PodInfo pod, NodeInfo node, DeviceView? devices, bool asRequested = false) => name switch
    {
        ResourceName.Cpu when asRequested => (node.Requested.MilliCpu + pod.Requests.MilliCpu, node.Allocatable.MilliCpu),
        ResourceName.Memory when asRequested => (node.Requested.Memory + pod.Requests.Memory, node.Allocatable.Memory),
        ResourceName.Cpu => (node.NonZeroRequested.MilliCpu + pod.NonZeroRequests.MilliCpu, node.Allocatable.MilliCpu),
        ResourceName.Memory => (node.NonZeroRequested.Memory + pod.NonZeroRequests.Memory, node.Allocatable.Memory),
        ResourceName.EphemeralStorage => (node.Requested.EphemeralStorage + pod.Requests.EphemeralStorage, node.Allocatable.EphemeralStorage),
        _ => pod.Requests.Scalar(name) == 0 ? null
            : devices?.ClassOn(node, name) is { } behind && DeviceTotals.Of(devices, behind, node.Node) is { Capacity: > 0 } totals ? (totals.Allocated + pod.Requests.Scalar(name), totals.Capacity)
            : (node.Requested.Scalar(name) + pod.Requests.Scalar(name), node.Allocatable.Scalar(name)),
    };

    /// <summary>The score at a utilization; the line's ends go on level. Scores of a shape are tenths of the largest.</summary>
    private static long OnLine(IReadOnlyList<(int Utilization, int Score)> shape, long utilization)
    {
        const int Scale = (int)SchedulingFramework.MaxNodeScore / 10;
        for (var i = 0; i < shape.Count; i++)
        {
            if (utilization <= shape[i].Utilization)
            {
                if (i == 0)
                {
                    return shape[0].Score * Scale;
                }

                var (from, to) = (shape[i - 1], shape[i]);
                return (from.Score * Scale) + ((to.Score - from.Score) * Scale * (utilization - from.Utilization) / (to.Utilization - from.Utilization));
            }
        }

        return shape.Count == 0 ? 0 : shape[^1].Score * Scale;
    }
}
