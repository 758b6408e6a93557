using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.Framework;

/// <summary>Which of the nodes is best.</summary>
internal sealed partial class SchedulingFramework
{
    /// <summary>The weighted sum of all scores per node.</summary>
    public Status? Score(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, out long[] totals)
    {
        totals = new long[nodes.Count];
        var began = state.Meter?.Now() ?? 0;
        foreach (var (plugin, runs) in _preScores)
        {
            var status = plugin.PreScore(state, pod, nodes);
            if (status is { Code: StatusCode.Skip })
            {
                state.SkipScore.Add(plugin);
                continue;
            }

            Interlocked.Increment(ref runs[0]);
            if (status is not null)
            {
                return status;
            }
        }

        state.Meter?.Point("PreScore", null, began);
        began = state.Meter?.Now() ?? 0;
        var scores = new long[nodes.Count];
        foreach (var ((plugin, runs), weight) in _scores)
        {
            if (state.SkipScore.Contains(plugin))
            {
                continue;
            }

            var start = state.Meter?.PluginStart() ?? 0;
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = plugin.Score(state, pod, nodes[i]);
            }

            state.Meter?.Plugin("Score", plugin, null, start);
            Interlocked.Add(ref runs[0], scores.Length);
            plugin.NormalizeScore(scores);
            for (var i = 0; i < scores.Length; i++)
            {
                totals[i] += scores[i] * weight;
            }
        }

        state.Meter?.Point("Score", null, began);
        return null;
    }
}
