using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>Keeps pods from nodes whose taints they do not tolerate; prefers nodes with fewer such PreferNoSchedule taints.</summary>
internal sealed class TaintToleration : IFilterPlugin, IPreScorePlugin, IScorePlugin, IEnqueueExtensions
{
    private const string PluginName = "TaintToleration";

    private static readonly Status Rejected = Status.Unresolvable(PluginName, "node(s) had untolerated taint(s)");

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(
            EventResource.Node,
            ActionType.Add | ActionType.UpdateNodeTaint,
            static (pod, happened) => happened.New is Node node && Accepts(node, pod) && (happened.Old is not Node old || !Accepts(old, pod))),
        new(EventResource.UnscheduledPod, ActionType.UpdatePodToleration),
    ];

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        Accepts(node.Node, pod.Pod) ? null : Rejected;

    public Status? PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes)
    {
        state.Write(this, pod.Pod.Spec.Tolerations.Where(toleration => toleration.Effect is "" or TaintEffect.PreferNoSchedule).ToList());
        return null;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var taints = node.Node.Spec.Taints;
        if (taints.Count == 0)
        {
            return 0;
        }

        var tolerations = state.Read<List<Toleration>>(this);
        long count = 0;
        foreach (var taint in taints)
        {
            count += taint.Effect == TaintEffect.PreferNoSchedule && !Taints.IsTolerated(taint, tolerations) ? 1 : 0;
        }

        return count;
    }

    public void NormalizeScore(Span<long> scores) => Scores.Normalize(scores, isReverse: true);

    private static bool Accepts(Node node, Pod pod) => !Taints.HasUntolerated(node.Spec.Taints, pod.Spec.Tolerations);
}
