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
            if (Use(name, pod, node, devices) is not { } use || (use.Capacity == 0 && !isRatio))
            {
                continue;
            }

            var score = strategy.Type switch
            {
                "MostAllocated" => (long)((Int128)Math.Min(use.Used, use.Capacity) * SchedulingFramework.MaxNodeScore / use.Capacity),
                "RequestedToCapacityRatio" => OnLine(strategy.Shape, use.Capacity == 0 || use.Used > use.Capacity ? 100 : (long)((Int128)use.Used * 100 / use.Capacity)),
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

    /// <summary>What the node would have in use and what it has; null of an extended resource that the pod does not ask for.</summary>
    private static (long Used, long Capacity)? Use(string name, PodInfo pod, NodeInfo node, DeviceView? devices) => name switch
    {
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
