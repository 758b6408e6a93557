using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler.Framework;

/// <summary>The filters with regard to pods for which room is being made. Source: pkg/scheduler/framework/runtime, RunFilterPluginsWithNominatedPods.</summary>
internal sealed class NominatedFilter(Nominator nominator)
{
    /// <summary>The pod must fit beside the pods that were nominated to the node before it, and without them too, for they may never come.</summary>
    /// <exception cref="PluginException">A plugin failed.</exception>
    public Status? Filter(SchedulingFramework framework, CycleState state, PodInfo pod, NodeInfo node)
    {
        if (nominator.Before(pod, node.Name) is { } nominated)
        {
            var (crowd, crowded) = (state.Clone(), node.Clone());
            nominated.ForEach(other => framework.AddPod(crowd, pod, other, crowded));
            if (FilterOnce(framework, crowd, pod, crowded) is { } rejection)
            {
                return rejection;
            }
        }

        return FilterOnce(framework, state, pod, node);
    }

    private static Status? FilterOnce(SchedulingFramework framework, CycleState state, PodInfo pod, NodeInfo node)
    {
        var status = framework.Filter(state, pod, node);
        return status is null or { IsRejection: true } ? status : throw new PluginException(status);
    }
}
