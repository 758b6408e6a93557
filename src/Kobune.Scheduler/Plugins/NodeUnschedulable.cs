using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>Cordoned nodes take only pods that tolerate the taint that cordoning means.</summary>
internal sealed class NodeUnschedulable : IFilterPlugin, IEnqueueExtensions
{
    private const string PluginName = "NodeUnschedulable";

    private static readonly Taint Cordon = new() { Key = Taints.Unschedulable, Effect = TaintEffect.NoSchedule };
    private static readonly Status Rejected = Status.Unresolvable(PluginName, "node(s) were unschedulable");

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeTaint, static (_, happened) => happened.New is Node { Spec.Unschedulable: false } && happened.Old is not Node { Spec.Unschedulable: false }),
        new(EventResource.UnscheduledPod, ActionType.UpdatePodToleration, static (_, happened) => happened.New is Pod pod && Taints.IsTolerated(Cordon, pod.Spec.Tolerations)),
    ];

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => Allows(pod.Pod, node.Node) ? null : Rejected;

    private static bool Allows(Pod pod, Node node) => !node.Spec.Unschedulable || Taints.IsTolerated(Cordon, pod.Spec.Tolerations);
}
