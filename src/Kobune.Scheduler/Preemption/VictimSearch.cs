using Kobune.Api.Policy.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Preemption;

/// <summary>Tries on copies who must go for a pod to fit. Source: plugins/defaultpreemption, SelectVictimsOnNode.</summary>
internal sealed class VictimSearch(SchedulingFramework framework, NominatedFilter filter, IReadOnlyList<PodDisruptionBudget> budgets, Func<PodInfo, DateTimeOffset> startOf)
{
    private const string PluginName = "DefaultPreemption";
    private static readonly Status NoVictims = Status.Unresolvable(PluginName, "No preemption victims found for incoming pod");

    /// <summary>The fewest that must go, or why it is no use.</summary>
    /// <exception cref="PluginException">A plugin failed.</exception>
    public (Candidate? Candidate, Status? Status) On(NodeInfo original, CycleState cycle, PodInfo pod)
    {
        var lesser = original.Pods.Where(p => p.Priority < pod.Priority).ToList();
        if (lesser.Count == 0)
        {
            return (null, NoVictims);
        }

        var (node, state) = (original.Clone(), cycle.Clone());
        lesser.ForEach(p => framework.RemovePod(state, pod, p, node));
        if (filter.Filter(framework, state, pod, node) is { } rejection)
        {
            return (null, rejection); // also when it wants to be with one of those
        }

        // As many as possible stay, the most important first; those that budgets protect before all others.
        var ordered = PreemptionPlan.ByImportance(lesser, startOf);
        var violating = PreemptionPlan.Violating(ordered, budgets);
        var victims = new List<PodInfo>();
        var violations = 0;
        foreach (var other in ordered.Where(violating.Contains).Concat(ordered.Where(p => !violating.Contains(p))))
        {
            framework.AddPod(state, pod, other, node);
            if (filter.Filter(framework, state, pod, node) is not null)
            {
                framework.RemovePod(state, pod, other, node);
                victims.Add(other);
                violations += violating.Contains(other) ? 1 : 0;
            }
        }

        return victims.Count > 0
            ? (new(original.Name, PreemptionPlan.ByImportance(victims, startOf), violations), null)
            : (null, Status.Error(PluginName, $"expected at least one victim pod on node \"{original.Name}\""));
    }
}
