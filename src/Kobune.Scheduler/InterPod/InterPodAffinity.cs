using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.InterPod;

/// <summary>
/// Puts pods near others or away from them, by domains of node labels. Anti-affinity works both ways: a pod stays away from pods that do not
/// want it. Costs nothing while no pod speaks of others. Source: pkg/scheduler/framework/plugins/interpodaffinity.
/// </summary>
internal sealed class InterPodAffinity(Snapshot snapshot, ClusterView cluster, SchedulerProfile profile)
    : IPreFilterPlugin, IPreFilterExtensions, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEnqueueExtensions
{
    private const string PluginName = "InterPodAffinity";

    private static readonly Status Affinity = Status.Unresolvable(PluginName, "node(s) didn't match pod affinity rules");
    private static readonly Status AntiAffinity = Status.Unschedulable(PluginName, "node(s) didn't match pod anti-affinity rules");
    private static readonly Status ExistingAntiAffinity = Status.Unschedulable(PluginName, "node(s) didn't satisfy existing pods anti-affinity rules");
    private static readonly Status Skip = Status.Skip(PluginName);

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister =>
    [
        new(EventResource.AssignedPod, ActionType.Add | ActionType.Delete | ActionType.UpdatePodLabel, PodHelps),
        new(EventResource.UnscheduledPod, ActionType.UpdatePodLabel),
        new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeLabel),
        new(EventResource.Namespace, ActionType.Add | ActionType.UpdateStorage | ActionType.Delete, static (pod, happened) => NamespaceHelps(pod, happened.Old as Namespace, happened.New as Namespace)),
    ];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        if (pod.Affinity is null && !snapshot.HasAffinity)
        {
            return Skip;
        }

        var counts = new AffinityState(pod.Pod, Terms(pod), NamespaceLabels(pod.Pod));
        counts.Count(snapshot);
        if (counts.IsIdle)
        {
            return Skip;
        }

        state.Write(this, counts);
        return null;
    }

    public void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) => state.Find<AffinityState>(this)?.Update(added, node.Node, 1);

    public void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) => state.Find<AffinityState>(this)?.Update(removed, node.Node, -1);

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var counts = state.Read<AffinityState>(this);
        return !counts.MeetsAffinity(node.Node) ? Affinity
            : !counts.MeetsAntiAffinity(node.Node) ? AntiAffinity
            : !counts.MeetsExistingAntiAffinity(node.Node) ? ExistingAntiAffinity
            : null;
    }

    public Status? PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes)
    {
        var hasWishes = pod.Affinity?.HasPreferences == true;
        if (!hasWishes && (!snapshot.HasAffinity || profile.IgnorePreferredTermsOfExistingPods))
        {
            return Skip;
        }

        var scores = new AffinityScores(pod.Pod, Terms(pod), NamespaceLabels(pod.Pod), profile.HardPodAffinityWeight);
        scores.Sum(snapshot);
        if (scores.IsEmpty)
        {
            return Skip;
        }

        state.Write(this, scores);
        return null;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node) => state.Read<AffinityScores>(this).Of(node.Node);

    /// <summary>The lowest becomes 0 and the highest 100; sums may be negative.</summary>
    public void NormalizeScore(Span<long> scores)
    {
        var (least, most) = (long.MaxValue, long.MinValue);
        foreach (var score in scores)
        {
            (least, most) = (Math.Min(least, score), Math.Max(most, score));
        }

        foreach (ref var score in scores)
        {
            score = most == least ? 0 : (long)(SchedulingFramework.MaxNodeScore * ((double)(score - least) / (most - least)));
        }
    }

    /// <summary>A namespace that came into what the pod's terms select, or went out of it; or the pod's own, which terms of other pods may select.</summary>
    private static bool NamespaceHelps(Pod pod, Namespace? old, Namespace? now)
    {
        var terms = PodAffinityTerms.Of(pod) ?? PodAffinityTerms.None;
        return (old ?? now)!.Metadata.Name == pod.Metadata.Namespace
            || terms.Required.Concat(terms.RequiredAnti).Any(t => t.NamespaceSelector is { } selector
                && (old is not null && selector.Matches(old.Metadata.Labels)) != (now is not null && selector.Matches(now.Metadata.Labels)));
    }

    private PodAffinityTerms Terms(PodInfo pod) => pod.Affinity is null ? PodAffinityTerms.None : pod.Affinity.Resolve(cluster.Namespaces.List());

    private IReadOnlyDictionary<string, string> NamespaceLabels(Pod pod) => cluster.NamespaceLabels(pod.Metadata.Namespace);

    /// <summary>
    /// A pod came that is wanted, or one went that was in the way. Upstream overlooks the going of a pod that did not want this one, whose
    /// waiter then waits for the five-minute flush; here it is seen.
    /// </summary>
    private bool PodHelps(Pod pod, ClusterEvent happened)
    {
        var terms = PodAffinityTerms.Of(pod) ?? PodAffinityTerms.None;
        var (old, now) = (happened.Old as Pod, happened.New as Pod);
        if (now is not null && Wants(now) && (old is null || !Wants(old)))
        {
            return true;
        }

        return old is not null && IsInTheWay(old) && (now is null || !IsInTheWay(now));

        bool Wants(Pod other) => terms.Required.Count > 0 && terms.Required.All(t => t.Matches(other, NamespaceLabels(other)));

        bool IsInTheWay(Pod other) =>
            terms.RequiredAnti.Any(t => t.Matches(other, NamespaceLabels(other))) || PodAffinityTerms.Of(other)?.RequiredAnti.Any(t => t.Matches(pod, NamespaceLabels(pod))) == true;
    }
}
