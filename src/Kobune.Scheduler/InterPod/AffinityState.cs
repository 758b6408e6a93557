using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.InterPod;

/// <summary>What the filter asks of each node, counted once for all nodes. Source: interpodaffinity, filtering.go.</summary>
internal sealed class AffinityState : ICycleNote
{
    private readonly Pod _pod;
    private readonly PodAffinityTerms _terms;
    private readonly IReadOnlyDictionary<string, string> _namespaceLabels;
    private readonly TopologyCounts _existing; // pods whose anti-affinity speaks of this one
    private readonly TopologyCounts _wanted; // pods that match all of its affinity
    private readonly TopologyCounts _unwanted; // pods that match one of its anti-affinity

    /// <param name="pod">The pod to place.</param>
    /// <param name="terms">Its terms, resolved.</param>
    /// <param name="namespaceLabels">Labels of its namespace.</param>
    public AffinityState(Pod pod, PodAffinityTerms terms, IReadOnlyDictionary<string, string> namespaceLabels)
    {
        (_pod, _terms, _namespaceLabels) = (pod, terms, namespaceLabels);
        (_existing, _wanted, _unwanted) = (new(), new(), new());
    }

    private AffinityState(AffinityState other)
    {
        (_pod, _terms, _namespaceLabels) = (other._pod, other._terms, other._namespaceLabels);
        (_existing, _wanted, _unwanted) = (other._existing.Clone(), other._wanted.Clone(), other._unwanted.Clone());
    }

    /// <summary>Nothing that any node could violate.</summary>
    public bool IsIdle => _existing.IsEmpty && !HasRequirements;

    private bool HasRequirements => _terms.Required.Count > 0 || _terms.RequiredAnti.Count > 0;

    public ICycleNote Clone() => new AffinityState(this);

    /// <summary>Counts the pods of all nodes; of a pod without requirements only those that have some matter.</summary>
    public void Count(Snapshot snapshot)
    {
        if (HasRequirements)
        {
            foreach (var node in snapshot.Nodes)
            {
                foreach (var pod in node.Pods)
                {
                    Update(pod, node.Node, 1);
                }
            }

            return;
        }

        foreach (var node in snapshot.NodesWithAffinity)
        {
            foreach (var pod in node.PodsWithAffinity)
            {
                Update(pod, node.Node, 1);
            }
        }
    }

    /// <summary>A pod comes to a node (1) or leaves it (-1).</summary>
    public void Update(PodInfo other, Node node, int amount)
    {
        var labels = node.Metadata.Labels;
        if (other.Affinity is { RequiredAnti.Count: > 0 } theirs)
        {
            foreach (var term in theirs.RequiredAnti)
            {
                if (term.Matches(_pod, _namespaceLabels))
                {
                    _existing.Add(labels, term.TopologyKey, amount);
                }
            }
        }

        if (MatchesAll(_terms.Required, other.Pod))
        {
            foreach (var term in _terms.Required)
            {
                _wanted.Add(labels, term.TopologyKey, amount);
            }
        }

        foreach (var term in _terms.RequiredAnti)
        {
            if (term.Matches(other.Pod))
            {
                _unwanted.Add(labels, term.TopologyKey, amount);
            }
        }
    }

    /// <summary>
    /// Every topology key must be there and each domain must have a pod that matches. The first pod of a group that wants to be together would
    /// wait for ever: when no pod in the cluster matches and it matches itself, it may go anywhere.
    /// </summary>
    public bool MeetsAffinity(Node node)
    {
        var found = true;
        foreach (var term in _terms.Required)
        {
            if (!node.Metadata.Labels.TryGetValue(term.TopologyKey, out var value))
            {
                return false;
            }

            found &= _wanted[term.TopologyKey, value] > 0;
        }

        return found || (_wanted.IsEmpty && MatchesAll(_terms.Required, _pod));
    }

    public bool MeetsAntiAffinity(Node node)
    {
        foreach (var term in _terms.RequiredAnti)
        {
            if (node.Metadata.Labels.TryGetValue(term.TopologyKey, out var value) && _unwanted[term.TopologyKey, value] > 0)
            {
                return false;
            }
        }

        return true;
    }

    public bool MeetsExistingAntiAffinity(Node node) => _existing.IsEmpty || !_existing.HasAny(node.Metadata.Labels);

    /// <summary>False without terms.</summary>
    internal static bool MatchesAll(IReadOnlyList<AffinityTerm> terms, Pod pod)
    {
        foreach (var term in terms)
        {
            if (!term.Matches(pod))
            {
                return false;
            }
        }

        return terms.Count > 0;
    }
}
