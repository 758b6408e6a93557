using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Extenders;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler;

/// <summary>Finds the node for a pod: filter, score, choose. For one thread. Source: pkg/scheduler, schedule_one.go.</summary>
internal sealed class SchedulingAlgorithm(SchedulingFramework framework, Snapshot snapshot, Nominator nominator, int percentageOfNodesToScore, Func<int, int> random)
{
    private const int MinFeasibleNodes = 100;
    private const int MinPercentage = 5;

    private readonly NominatedFilter _filter = new(nominator);
    private int _nextStart;

    /// <summary>The node, or null with the reasons in <paramref name="diagnosis"/>.</summary>
    /// <exception cref="PluginException">A plugin failed.</exception>
    /// <exception cref="ExtenderException">An extender failed that may not be left out.</exception>
    public string? Schedule(CycleState state, PodInfo pod, out Diagnosis diagnosis)
    {
        diagnosis = new Diagnosis(snapshot.Nodes.Count);
        var feasible = FindFeasible(state, pod, diagnosis);
        if (feasible.Count <= 1)
        {
            return feasible is [var only] ? only.Name : null;
        }

        if (framework.Score(state, pod, feasible, out var totals) is { } status)
        {
            throw new PluginException(status);
        }

        framework.Extenders?.Score(pod.Pod, feasible, totals);
        return feasible[Best(totals)].Name;
    }

    /// <summary>How many fitting nodes are enough to choose from.</summary>
    internal static int EnoughNodes(int nodes, int percentage)
    {
        if (nodes < MinFeasibleNodes)
        {
            return nodes;
        }

        if (percentage == 0)
        {
            percentage = Math.Max(MinPercentage, 50 - (nodes / 125));
        }

        return Math.Max(MinFeasibleNodes, nodes * Math.Min(percentage, 100) / 100);
    }

    private List<NodeInfo> FindFeasible(CycleState state, PodInfo pod, Diagnosis diagnosis)
    {
        var start = state.Meter?.Now() ?? 0;
        var rejection = framework.PreFilter(state, pod, out var names, out var narrowedBy);
        state.Meter?.Point("PreFilter", rejection, start);
        if (rejection is not null)
        {
            if (!rejection.IsRejection)
            {
                throw new PluginException(rejection);
            }

            diagnosis.PreFilterMessage = rejection.Message;
            diagnosis.AbsentNodes = rejection;
            diagnosis.UnschedulablePlugins.Add(rejection.Plugin);
            return [];
        }

        start = state.Meter?.Now() ?? 0;
        var feasible = FindFeasible(state, pod, diagnosis, names, narrowedBy);
        state.Meter?.Point("Filter", null, start);
        return framework.Extenders?.Filter(pod.Pod, feasible, diagnosis) ?? feasible;
    }

    private List<NodeInfo> FindFeasible(CycleState state, PodInfo pod, Diagnosis diagnosis, HashSet<string>? names, List<string> narrowedBy)
    {
        // A pod for which room was made goes there when it can.
        if (pod.Pod.Status.NominatedNodeName is { Length: > 0 } nominated && snapshot.Find(nominated) is { } node
            && names?.Contains(nominated) != false && Filter(state, pod, node) is null && Extend(pod, node, diagnosis))
        {
            return [node];
        }

        if (names is null)
        {
            return FindAmongAll(state, pod, diagnosis);
        }

        diagnosis.AbsentNodes = Status.Unresolvable(narrowedBy[0], $"node(s) didn't satisfy plugin(s) [{string.Join(' ', narrowedBy.Order(StringComparer.Ordinal))}]");
        diagnosis.UnschedulablePlugins.UnionWith(narrowedBy);
        return FindAmong(state, pod, [.. names.Select(snapshot.Find).OfType<NodeInfo>()], diagnosis);
    }

    /// <summary>Starts where the last search ended, so that all nodes get their turn though not all are looked at.</summary>
    private List<NodeInfo> FindAmongAll(CycleState state, PodInfo pod, Diagnosis diagnosis)
    {
        var nodes = snapshot.Nodes;
        var enough = EnoughNodes(nodes.Count, percentageOfNodesToScore);
        var feasible = new List<NodeInfo>(Math.Min(enough, nodes.Count));
        var looked = 0;
        for (; looked < nodes.Count && feasible.Count < enough; looked++)
        {
            Look(state, pod, nodes[(_nextStart + looked) % nodes.Count], feasible, diagnosis);
        }

        _nextStart = nodes.Count == 0 ? 0 : (_nextStart + looked) % nodes.Count;
        return feasible;
    }

    private List<NodeInfo> FindAmong(CycleState state, PodInfo pod, List<NodeInfo> nodes, Diagnosis diagnosis)
    {
        var feasible = new List<NodeInfo>();
        nodes.ForEach(node => Look(state, pod, node, feasible, diagnosis));
        return feasible;
    }

    private void Look(CycleState state, PodInfo pod, NodeInfo node, List<NodeInfo> feasible, Diagnosis diagnosis)
    {
        if (Filter(state, pod, node) is { } rejection)
        {
            diagnosis.Add(node.Name, rejection);
        }
        else
        {
            feasible.Add(node);
        }
    }

    /// <summary>Whether no extender minds the node that was nominated. One that fails is asked again for all nodes.</summary>
    private bool Extend(PodInfo pod, NodeInfo nominated, Diagnosis diagnosis)
    {
        try
        {
            return framework.Extenders?.Filter(pod.Pod, [nominated], diagnosis) is null or { Count: > 0 };
        }
        catch (ExtenderException)
        {
            return false;
        }
    }

    private Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => _filter.Filter(framework, state, pod, node);

    /// <summary>One of the best, each with equal chance.</summary>
    private int Best(long[] totals)
    {
        var (best, ties) = (0, 1);
        for (var i = 1; i < totals.Length; i++)
        {
            if (totals[i] > totals[best])
            {
                (best, ties) = (i, 1);
            }
            else if (totals[i] == totals[best] && random(++ties) == 0)
            {
                best = i;
            }
        }

        return best;
    }
}
