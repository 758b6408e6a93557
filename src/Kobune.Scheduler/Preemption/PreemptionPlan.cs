using Kobune.Api.Policy.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.InterPod;

namespace Kobune.Scheduler.Preemption;

/// <summary>Who goes first and where. Pure. Source: pkg/scheduler/framework/preemption and plugins/defaultpreemption.</summary>
internal static class PreemptionPlan
{
    /// <summary>How many nodes are enough to choose from.</summary>
    public static int Enough(int nodes, SchedulerProfile profile) =>
        Math.Min(nodes, Math.Max(nodes * profile.MinCandidateNodesPercentage / 100, profile.MinCandidateNodesAbsolute));

    /// <summary>
    /// The candidate with the fewest violations; then with the least important most important victim; the smallest sum of priorities; the fewest
    /// victims; whose most important victims started last; the first.
    /// </summary>
    /// <param name="candidates">At least one.</param>
    /// <param name="startOf">When a pod started; now when it has not.</param>
    public static Candidate Pick(IReadOnlyList<Candidate> candidates, Func<PodInfo, DateTimeOffset> startOf)
    {
        ReadOnlySpan<Func<Candidate, long>> costs =
        [
            c => c.Violations,
            c => c.Victims[0].Priority,
            c => c.Victims.Sum(v => v.Priority + (long)int.MaxValue + 1), // none below 0: a few victims stay cheaper than many
            c => c.Victims.Count,
            c => -c.Victims.Where(v => v.Priority == c.Victims[0].Priority).Min(startOf).UtcTicks,
        ];
        foreach (var cost in costs)
        {
            var least = candidates.Min(cost);
            candidates = [.. candidates.Where(c => cost(c) == least)];
            if (candidates.Count == 1)
            {
                break;
            }
        }

        return candidates[0];
    }

    /// <summary>The more important first: higher priority, then longer running.</summary>
    public static List<PodInfo> ByImportance(IEnumerable<PodInfo> pods, Func<PodInfo, DateTimeOffset> startOf) => [.. pods.OrderByDescending(p => p.Priority).ThenBy(startOf)];

    /// <summary>
    /// Those pods whose going no budget gives away, if they all went in this order. A pod that an eviction has taken from a budget already costs
    /// it nothing. A budget with an empty selector counts for no pod here.
    /// </summary>
    public static HashSet<PodInfo> Violating(IEnumerable<PodInfo> pods, IReadOnlyList<PodDisruptionBudget> budgets)
    {
        var violating = new HashSet<PodInfo>();
        var live = budgets.Select(b => (Budget: b, Selector: LabelKeys.Compile(b.Spec.Selector))).Where(b => !b.Selector.IsEverything).ToList();
        var allowed = live.Select(b => b.Budget.Status.DisruptionsAllowed).ToArray();
        foreach (var pod in pods)
        {
            var metadata = pod.Pod.Metadata;
            for (var i = 0; metadata.Labels.Count > 0 && i < live.Count; i++)
            {
                var (budget, selector) = live[i];
                if (budget.Metadata.Namespace == metadata.Namespace && selector.Matches(metadata.Labels) && !budget.Status.DisruptedPods.ContainsKey(metadata.Name) && --allowed[i] < 0)
                {
                    violating.Add(pod);
                }
            }
        }

        return violating;
    }
}
