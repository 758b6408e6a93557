using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Devices;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>Prefers nodes on which resources, by default CPU and memory, would be used to a similar share.</summary>
internal sealed class NodeResourcesBalancedAllocation(SchedulerProfile profile, DeviceView? devices) : IPreScorePlugin, IScorePlugin
{
    private static readonly Status Skipped = Status.Skip("NodeResourcesBalancedAllocation");

    public string Name => "NodeResourcesBalancedAllocation";

    /// <summary>A pod that asks for none of them unbalances nothing.</summary>
    public Status? PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes)
    {
        foreach (var name in profile.BalancedResources)
        {
            if (Asked(pod.Requests, name) > 0)
            {
                return null;
            }
        }

        return Skipped;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node) => ResourceScores.Balance(profile.BalancedResources, pod, node, devices);

    private static long Asked(ResourceVector requests, string name) => name switch
    {
        ResourceName.Cpu => requests.MilliCpu,
        ResourceName.Memory => requests.Memory,
        ResourceName.EphemeralStorage => requests.EphemeralStorage,
        _ => requests.Scalar(name),
    };
}
