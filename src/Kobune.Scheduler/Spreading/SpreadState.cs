using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Spreading;

/// <summary>Pods per domain for each constraint that must be met, counted once for all nodes. Source: podtopologyspread, filtering.go.</summary>
internal sealed class SpreadState : ICycleNote
{
    private readonly Pod _pod;
    private readonly IReadOnlyList<SpreadConstraint> _constraints;
    private readonly Dictionary<string, int>[] _counts;
    private readonly int?[] _least;

    public SpreadState(Pod pod, IReadOnlyList<SpreadConstraint> constraints, IReadOnlyList<NodeInfo> nodes)
    {
        (_pod, _constraints) = (pod, constraints);
        _counts = [.. constraints.Select(_ => new Dictionary<string, int>(StringComparer.Ordinal))];
        _least = new int?[constraints.Count];
        foreach (var node in nodes)
        {
            Count(node);
        }
    }

    private SpreadState(SpreadState other)
    {
        (_pod, _constraints) = (other._pod, other._constraints);
        _counts = [.. other._counts.Select(c => new Dictionary<string, int>(c, StringComparer.Ordinal))];
        _least = [.. other._least];
    }

    /// <summary>What a node violates.</summary>
    public enum Verdict
    {
        /// <summary>Nothing.</summary>
        Fits,

        /// <summary>It has no domain for a constraint.</summary>
        MissesLabel,

        /// <summary>The pod would make a skew too large.</summary>
        Skewed,
    }

    public ICycleNote Clone() => new SpreadState(this);

    /// <summary>A pod comes to a node (1) or leaves it (-1).</summary>
    public void Update(PodInfo other, Node node, int amount)
    {
        if (!SpreadConstraint.HasAllKeys(_constraints, node.Metadata.Labels))
        {
            return;
        }

        for (var i = 0; i < _constraints.Count; i++)
        {
            if (_constraints[i].Pods.Concerns(other.Pod) && _constraints[i].Includes(_pod, node))
            {
                var domain = node.Metadata.Labels[_constraints[i].TopologyKey];
                _counts[i][domain] = _counts[i].GetValueOrDefault(domain) + amount;
                _least[i] = null;
            }
        }
    }

    /// <summary>With the pod on it, the node's domain may have at most maxSkew more than the least one.</summary>
    public Verdict Judge(Node node)
    {
        for (var i = 0; i < _constraints.Count; i++)
        {
            var constraint = _constraints[i];
            if (!node.Metadata.Labels.TryGetValue(constraint.TopologyKey, out var domain))
            {
                return Verdict.MissesLabel;
            }

            var itself = constraint.Pods.Matches(_pod.Metadata.Labels) ? 1 : 0;
            if (_counts[i].GetValueOrDefault(domain) + itself - Least(i) > constraint.MaxSkew)
            {
                return Verdict.Skewed;
            }
        }

        return Verdict.Fits;
    }

    private int Least(int constraint)
    {
        if (_least[constraint] is not { } least)
        {
            var counts = _counts[constraint];
            _least[constraint] = least = counts.Count < _constraints[constraint].MinDomains ? 0 : counts.Values.Min();
        }

        return least;
    }

    /// <summary>A node that misses any of the keys counts for none of the constraints.</summary>
    private void Count(NodeInfo node)
    {
        var labels = node.Node.Metadata.Labels;
        if (!SpreadConstraint.HasAllKeys(_constraints, labels))
        {
            return;
        }

        for (var i = 0; i < _constraints.Count; i++)
        {
            if (_constraints[i].Includes(_pod, node.Node))
            {
                var domain = labels[_constraints[i].TopologyKey];
                _counts[i][domain] = _counts[i].GetValueOrDefault(domain) + node.CountMatching(_constraints[i].Pods);
            }
        }
    }
}
