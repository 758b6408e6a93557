using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>Prefers nodes on which CPU and memory would be used to a similar share.</summary>
internal sealed class NodeResourcesBalancedAllocation : IPreScorePlugin, IScorePlugin
{
    private static readonly Status Skipped = Status.Skip("NodeResourcesBalancedAllocation");

    public string Name => "NodeResourcesBalancedAllocation";

    /// <summary>A pod that asks for nothing unbalances nothing.</summary>
    public Status? PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes) => pod.Requests.MilliCpu == 0 && pod.Requests.Memory == 0 ? Skipped : null;

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        if (node.Allocatable is not { MilliCpu: > 0, Memory: > 0 } allocatable)
        {
            return SchedulingFramework.MaxNodeScore;
        }

        var cpu = Share(node.Requested.MilliCpu + pod.Requests.MilliCpu, allocatable.MilliCpu);
        var memory = Share(node.Requested.Memory + pod.Requests.Memory, allocatable.Memory);
        var deviation = Math.Abs(cpu - memory) / 2; // the standard deviation of two
        return (long)((1 - deviation) * SchedulingFramework.MaxNodeScore);
    }

    private static double Share(long used, long capacity) => Math.Min(1, (double)used / capacity);
}
