using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>A pod that names its node goes there or nowhere.</summary>
internal sealed class NodeName : IFilterPlugin, IEnqueueExtensions
{
    private const string PluginName = "NodeName";

    private static readonly Status Rejected = Status.Unresolvable(PluginName, "node(s) didn't match the requested node name");

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
        [new(EventResource.Node, ActionType.Add, static (pod, happened) => happened.New is Node node && Allows(pod, node))];

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => Allows(pod.Pod, node.Node) ? null : Rejected;

    private static bool Allows(Pod pod, Node node) => pod.Spec.NodeName.Length == 0 || pod.Spec.NodeName == node.Metadata.Name;
}
