using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler.Plugins;

/// <summary>Higher priority first, then who waited longer.</summary>
internal sealed class PrioritySort : IQueueSortPlugin
{
    public string Name => "PrioritySort";

    public int Compare(QueuedPod left, QueuedPod right)
    {
        var byPriority = right.Info.Priority.CompareTo(left.Info.Priority);
        return byPriority != 0 ? byPriority : left.QueuedAt.CompareTo(right.QueuedAt);
    }
}
