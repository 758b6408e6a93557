using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.InterPod;

/// <summary>The wishes of the pod to place and those of the pods that are there, summed by domain. Source: interpodaffinity, scoring.go.</summary>
/// <param name="pod">The pod to place.</param>
/// <param name="terms">Its terms, resolved.</param>
/// <param name="namespaceLabels">Labels of its namespace.</param>
/// <param name="hardWeight">What a required affinity of an existing pod counts: where it must be, company is welcome.</param>
internal sealed class AffinityScores(Pod pod, PodAffinityTerms terms, IReadOnlyDictionary<string, string> namespaceLabels, int hardWeight)
{
    private readonly TopologyCounts _sums = new();

    public bool IsEmpty => _sums.IsEmpty;

    /// <summary>Sums over the cluster; of a pod without preferences only pods that have some matter.</summary>
    public void Sum(Snapshot snapshot)
    {
        if (terms.HasPreferences)
        {
            foreach (var node in snapshot.Nodes)
            {
                Sum(node, node.Pods);
            }

            return;
        }

        foreach (var node in snapshot.NodesWithAffinity)
        {
            Sum(node, node.PodsWithAffinity);
        }
    }

    public long Of(Node node) => _sums.Sum(node.Metadata.Labels);

    private void Sum(NodeInfo node, IReadOnlyList<PodInfo> others)
    {
        var labels = node.Node.Metadata.Labels;
        if (labels.Count == 0)
        {
            return;
        }

        foreach (var other in others)
        {
            Mine(terms.Preferred, other.Pod, labels, 1);
            Mine(terms.PreferredAnti, other.Pod, labels, -1);
            if (other.Affinity is not { } theirs)
            {
                continue;
            }

            foreach (var term in hardWeight > 0 ? theirs.Required : [])
            {
                Theirs(term, labels, hardWeight);
            }

            foreach (var term in theirs.Preferred)
            {
                Theirs(term, labels, term.Weight);
            }

            foreach (var term in theirs.PreferredAnti)
            {
                Theirs(term, labels, -term.Weight);
            }
        }
    }

    private void Mine(IReadOnlyList<AffinityTerm> preferences, Pod other, IReadOnlyDictionary<string, string> labels, int sign)
    {
        foreach (var term in preferences)
        {
            if (term.Matches(other))
            {
                _sums.Add(labels, term.TopologyKey, sign * term.Weight);
            }
        }
    }

    private void Theirs(AffinityTerm term, IReadOnlyDictionary<string, string> labels, int weight)
    {
        if (term.Matches(pod, namespaceLabels))
        {
            _sums.Add(labels, term.TopologyKey, weight);
        }
    }
}
