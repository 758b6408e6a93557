using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.Spreading;

/// <summary>Pods per domain for each constraint that is a wish: the more, the worse. Source: podtopologyspread, scoring.go.</summary>
internal sealed class SpreadScores
{
    /// <summary>The score of a node that misses a key; it becomes the worst.</summary>
    public const long Ignored = -1;

    private readonly IReadOnlyList<SpreadConstraint> _constraints;
    private readonly bool _needsAllKeys;
    private readonly Dictionary<string, long>[] _counts;
    private readonly double[] _weights;

    /// <param name="constraints">The wishes.</param>
    /// <param name="candidates">The nodes to score.</param>
    /// <param name="needsAllKeys">Nodes that miss a key are not scored. The system's defaults do not ask for it: without zones, hosts still spread.</param>
    public SpreadScores(IReadOnlyList<SpreadConstraint> constraints, IReadOnlyList<NodeInfo> candidates, bool needsAllKeys)
    {
        (_constraints, _needsAllKeys) = (constraints, needsAllKeys);
        _counts = [.. constraints.Select(_ => new Dictionary<string, long>(StringComparer.Ordinal))];
        var scored = candidates.Where(c => !needsAllKeys || SpreadConstraint.HasAllKeys(constraints, c.Node.Metadata.Labels)).ToList();
        _weights = new double[constraints.Count];
        for (var i = 0; i < constraints.Count; i++)
        {
            var key = constraints[i].TopologyKey;
            if (key != SpreadConstraint.Hostname)
            {
                scored.ForEach(node => _counts[i].TryAdd(node.Node.Metadata.Labels.GetValueOrDefault(key, ""), 0));
            }

            // Domains are few or many: the weight keeps the counts of the larger ones from drowning the others.
            _weights[i] = Math.Log((key == SpreadConstraint.Hostname ? scored.Count : _counts[i].Count) + 2);
        }
    }

    /// <summary>Counts over all nodes; a host is its own domain and is counted when it is scored.</summary>
    public void Count(Pod pod, IReadOnlyList<NodeInfo> nodes)
    {
        for (var i = 0; i < _constraints.Count; i++)
        {
            var constraint = _constraints[i];
            if (constraint.TopologyKey == SpreadConstraint.Hostname || (_counts[i].Count == 1 && _counts[i].ContainsKey("")))
            {
                continue; // no candidate has the label
            }

            foreach (var node in nodes)
            {
                var labels = node.Node.Metadata.Labels;
                if (labels.TryGetValue(constraint.TopologyKey, out var domain) && _counts[i].ContainsKey(domain)
                    && (!_needsAllKeys || SpreadConstraint.HasAllKeys(_constraints, labels)) && constraint.Includes(pod, node.Node))
                {
                    _counts[i][domain] += node.CountMatching(constraint.Pods);
                }
            }
        }
    }

    public long Of(NodeInfo node)
    {
        var labels = node.Node.Metadata.Labels;
        if (_needsAllKeys && !SpreadConstraint.HasAllKeys(_constraints, labels))
        {
            return Ignored;
        }

        var score = 0.0;
        for (var i = 0; i < _constraints.Count; i++)
        {
            var constraint = _constraints[i];
            if (labels.TryGetValue(constraint.TopologyKey, out var domain))
            {
                // maxSkew - 1 is added so that a tolerated skew weighs less.
                var count = constraint.TopologyKey == SpreadConstraint.Hostname ? node.CountMatching(constraint.Pods) : _counts[i][domain];
                score += (count * _weights[i]) + (constraint.MaxSkew - 1);
            }
        }

        return (long)Math.Round(score, MidpointRounding.AwayFromZero);
    }

    /// <summary>The fewest pods become the best score; 100 for all when there are none.</summary>
    public static void Normalize(Span<long> scores)
    {
        var (least, most) = (long.MaxValue, 0L);
        foreach (var score in scores)
        {
            if (score != Ignored)
            {
                (least, most) = (Math.Min(least, score), Math.Max(most, score));
            }
        }

        foreach (ref var score in scores)
        {
            score = score == Ignored ? 0 : most == 0 ? Framework.SchedulingFramework.MaxNodeScore : Framework.SchedulingFramework.MaxNodeScore * (most + least - score) / most;
        }
    }
}
