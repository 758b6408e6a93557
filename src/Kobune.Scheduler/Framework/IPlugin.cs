using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler.Framework;

/// <summary>A scheduler plugin; it takes part at each extension point whose interface it has. Success is a null status.</summary>
internal interface IPlugin
{
    /// <summary>Upstream's name, which rejections carry.</summary>
    string Name { get; }
}

/// <summary>Keeps a pod out of the active queue altogether.</summary>
internal interface IPreEnqueuePlugin : IPlugin
{
    Status? PreEnqueue(Pod pod);
}

/// <summary>Orders the active queue; there is one.</summary>
internal interface IQueueSortPlugin : IPlugin
{
    int Compare(QueuedPod left, QueuedPod right);
}

/// <summary>Which changes of the cluster can make a pod schedulable that this plugin has rejected.</summary>
internal interface IEnqueueExtensions : IPlugin
{
    IReadOnlyList<EventHint> EventsToRegister { get; }
}

/// <summary>Looks at the pod before any node; may narrow the nodes to a few names.</summary>
internal interface IPreFilterPlugin : IPlugin
{
    Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames);
}

/// <summary>Keeps what a pre-filter counted true while it is tried what would be if pods came to a node or left it.</summary>
internal interface IPreFilterExtensions : IPlugin
{
    void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node);

    void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node);
}

/// <summary>Says whether a pod may run on a node.</summary>
internal interface IFilterPlugin : IPlugin
{
    Status? Filter(CycleState state, PodInfo pod, NodeInfo node);
}

/// <summary>Runs when no node fits, to make room.</summary>
internal interface IPostFilterPlugin : IPlugin
{
    /// <param name="framework">The plugins, to ask what they would say.</param>
    /// <param name="state">Notes of the cycle.</param>
    /// <param name="pod">The pod that fits nowhere.</param>
    /// <param name="diagnosis">Why.</param>
    PostFilterResult PostFilter(SchedulingFramework framework, CycleState state, PodInfo pod, Diagnosis diagnosis);
}

/// <summary>Prepares scoring.</summary>
internal interface IPreScorePlugin : IPlugin
{
    Status? PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes);
}

/// <summary>Rates a node that fits.</summary>
internal interface IScorePlugin : IPlugin
{
    long Score(CycleState state, PodInfo pod, NodeInfo node);

    /// <summary>Brings the raw scores into 0 to <see cref="SchedulingFramework.MaxNodeScore"/>; most are there already.</summary>
    void NormalizeScore(Span<long> scores)
    {
    }
}

/// <summary>Keeps what the pod takes on its node, until bound; undone when a later step fails.</summary>
internal interface IReservePlugin : IPlugin
{
    Status? Reserve(CycleState state, PodInfo pod, string nodeName);

    /// <summary>Undoes it, and what was written for it since. Failures of the server are the plugin's own to bear.</summary>
    Task UnreserveAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct);
}

/// <summary>The last word before binding. A plugin that wants the pod to wait completes later; other pods are scheduled meanwhile.</summary>
internal interface IPermitPlugin : IPlugin
{
    Task<Status?> PermitAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct);
}

/// <summary>Does what must be done before the binding.</summary>
internal interface IPreBindPlugin : IPlugin
{
    Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct);
}

/// <summary>Binds; a plugin that skips leaves it to the next.</summary>
internal interface IBindPlugin : IPlugin
{
    Task<Status?> BindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct);
}

/// <summary>Is told of a binding that stands.</summary>
internal interface IPostBindPlugin : IPlugin
{
    void PostBind(CycleState state, PodInfo pod, string nodeName);
}

/// <summary>What a post-filter came to.</summary>
/// <param name="Status">Its words for the sentence; null when it made room.</param>
/// <param name="NominatedNodeName">The node to nominate; null = leave what is, "" = clear it.</param>
/// <param name="Work">What is to be done with the server for it, beside the loop and after the nomination.</param>
internal readonly record struct PostFilterResult(Status? Status, string? NominatedNodeName, Func<CancellationToken, Task>? Work = null, int Victims = 0);
