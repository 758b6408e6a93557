using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler.Spreading;

/// <summary>Spreads pods over hosts, zones or other domains: as the pod asks, or by defaults. Source: pkg/scheduler/framework/plugins/podtopologyspread.</summary>
internal sealed class PodTopologySpread(Snapshot snapshot, ClusterView cluster, SchedulerProfile profile)
    : IPreFilterPlugin, IPreFilterExtensions, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEnqueueExtensions
{
    private const string PluginName = "PodTopologySpread";
    private const string Reason = "node(s) didn't match pod topology spread constraints";

    private static readonly Status Skewed = Status.Unschedulable(PluginName, Reason);
    private static readonly Status MissesLabel = Status.Unresolvable(PluginName, Reason + " (missing required label)");
    private static readonly Status Skip = Status.Skip(PluginName);

    private readonly IReadOnlyList<TopologySpreadConstraint> _defaults = profile.DefaultConstraints ?? SpreadDefaults.System;

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister =>
    [
        new(EventResource.AssignedPod, ActionType.Add | ActionType.Delete | ActionType.UpdatePodLabel, PodHelps),
        new(EventResource.UnscheduledPod, ActionType.UpdatePodLabel, PodHelps),
        new(EventResource.UnscheduledPod, ActionType.UpdatePodToleration, (pod, _) => Constraints(pod, UnsatisfiableConstraintAction.DoNotSchedule).Any(c => c.HonorsTaints)),
        new(EventResource.Node, ActionType.Add | ActionType.Delete | ActionType.UpdateNodeLabel | ActionType.UpdateNodeTaint, NodeHelps),
    ];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        var constraints = Constraints(pod.Pod, UnsatisfiableConstraintAction.DoNotSchedule);
        if (constraints.Count == 0)
        {
            return Skip;
        }

        state.Write(this, new SpreadState(pod.Pod, constraints, snapshot.Nodes));
        return null;
    }

    public void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) => state.Find<SpreadState>(this)?.Update(added, node.Node, 1);

    public void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) => state.Find<SpreadState>(this)?.Update(removed, node.Node, -1);

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => state.Read<SpreadState>(this).Judge(node.Node) switch
    {
        SpreadState.Verdict.MissesLabel => MissesLabel,
        SpreadState.Verdict.Skewed => Skewed,
        _ => null,
    };

    public Status? PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes)
    {
        var constraints = Constraints(pod.Pod, UnsatisfiableConstraintAction.ScheduleAnyway);
        if (constraints.Count == 0)
        {
            return Skip;
        }

        var needsAllKeys = pod.Pod.Spec.TopologySpreadConstraints.Count > 0 || profile.DefaultConstraints is not null;
        var scores = new SpreadScores(constraints, nodes, needsAllKeys);
        scores.Count(pod.Pod, snapshot.Nodes);
        state.Write(this, scores);
        return null;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node) => state.Read<SpreadScores>(this).Of(node);

    public void NormalizeScore(Span<long> scores) => SpreadScores.Normalize(scores);

    private IReadOnlyList<SpreadConstraint> Constraints(Pod pod, string action)
    {
        if (pod.Spec.TopologySpreadConstraints.Count > 0)
        {
            return SpreadConstraint.Of(pod, pod.Spec.TopologySpreadConstraints, action);
        }

        if (!_defaults.Any(d => d.WhenUnsatisfiable == action))
        {
            return [];
        }

        var selector = SpreadDefaults.SelectorFor(pod, cluster);
        return selector.IsEverything ? [] : SpreadConstraint.Of(pod, _defaults, action, selector);
    }

    /// <summary>A pod that a constraint counts came or went, or began or ceased to be one.</summary>
    private bool PodHelps(Pod pod, ClusterEvent happened)
    {
        var constraints = Constraints(pod, UnsatisfiableConstraintAction.DoNotSchedule);
        var (old, now) = (happened.Old as Pod, happened.New as Pod);
        return constraints.Any(c => (old is not null && c.Pods.Concerns(old)) != (now is not null && c.Pods.Concerns(now)));
    }

    /// <summary>A node that has all keys came, went, or moved between domains; or one began or ceased to have them.</summary>
    private bool NodeHelps(Pod pod, ClusterEvent happened)
    {
        var constraints = Constraints(pod, UnsatisfiableConstraintAction.DoNotSchedule);
        var (old, now) = (happened.Old as Node, happened.New as Node);
        if (old is null || now is null)
        {
            return SpreadConstraint.HasAllKeys(constraints, (now ?? old)!.Metadata.Labels);
        }

        var (had, has) = (SpreadConstraint.HasAllKeys(constraints, old.Metadata.Labels), SpreadConstraint.HasAllKeys(constraints, now.Metadata.Labels));
        return had != has || (has && (constraints.Any(c => old.Metadata.Labels[c.TopologyKey] != now.Metadata.Labels[c.TopologyKey]) || !old.Spec.Taints.SequenceEqual(now.Spec.Taints)));
    }
}
