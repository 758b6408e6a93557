using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>nodeSelector and node affinity: required ones filter, preferred ones score by their weights.</summary>
internal sealed class NodeAffinity(Kobune.Api.Core.V1.NodeAffinity? added = null) : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEnqueueExtensions
{
    private const string PluginName = "NodeAffinity";

    private static readonly Status Rejected = Status.Unresolvable(PluginName, "node(s) didn't match Pod's node affinity/selector");
    private static readonly Status Enforced = Status.Unresolvable(PluginName, "node(s) didn't match scheduler-enforced node affinity");
    private static readonly Status Contradiction = Status.Unresolvable(PluginName, "pod affinity terms conflict");
    private static readonly Status Skip = Status.Skip(PluginName);

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister => [new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeLabel, MatchesNow)];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        var required = NodeSelectors.Required(pod.Pod);
        if (required is null)
        {
            return pod.Pod.Spec.NodeSelector.Count == 0 && AddedRequired is null ? Skip : null;
        }

        nodeNames = NodeSelectors.NamedNodes(required);
        return nodeNames is { Count: 0 } ? Contradiction : null;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => Reason(pod.Pod, node.Node);

    public Status? PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes) => Preferred(pod).Count == 0 && AddedPreferred.Count == 0 ? Skip : null;

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        return Sum(Preferred(pod)) + Sum(AddedPreferred);

        long Sum(IReadOnlyList<PreferredSchedulingTerm> preferences)
        {
            long sum = 0;
            foreach (var preferred in preferences)
            {
                sum += NodeSelectors.Matches(preferred.Preference, node.Node) ? preferred.Weight : 0;
            }

            return sum;
        }
    }

    public void NormalizeScore(Span<long> scores) => Scores.Normalize(scores, isReverse: false);

    private NodeSelector? AddedRequired => added?.RequiredDuringSchedulingIgnoredDuringExecution;

    private IReadOnlyList<PreferredSchedulingTerm> AddedPreferred => added?.PreferredDuringSchedulingIgnoredDuringExecution ?? [];

    private static IReadOnlyList<PreferredSchedulingTerm> Preferred(PodInfo pod) =>
        pod.Pod.Spec.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [];

    /// <summary>A node that matched before was no reason for the rejection then and is none for another try now.</summary>
    private bool MatchesNow(Pod pod, ClusterEvent happened) =>
        happened.New is Node node && Reason(pod, node) is null && (happened.Old is not Node old || Reason(pod, old) is not null);

    private Status? Reason(Pod pod, Node node) =>
        AddedRequired is { } enforced && !NodeSelectors.Matches(enforced, node) ? Enforced
        : NodeSelectors.Matches(pod, node) ? null
        : Rejected;
}
