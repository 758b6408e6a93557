using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>What the decision about a daemon set needs to know.</summary>
/// <param name="Set">The set.</param>
/// <param name="Nodes">All nodes, by name.</param>
/// <param name="ByNode">The set's pods by the node for which they are, without those that have ended and are going.</param>
/// <param name="Hash">The label of the newest revision.</param>
/// <param name="Now">The time.</param>
internal sealed record DaemonSetView(DaemonSet Set, IReadOnlyDictionary<string, Node> Nodes, IReadOnlyDictionary<string, List<Pod>> ByNode, string Hash, DateTimeOffset Now)
{
    public static DaemonSetView Of(DaemonSet set, IEnumerable<Node> nodes, IEnumerable<Pod> pods, string hash, DateTimeOffset now)
    {
        var byNode = new Dictionary<string, List<Pod>>(StringComparer.Ordinal);
        foreach (var pod in DaemonPods.Sorted(pods.Where(p => !(p.IsTerminal() && p.IsDeleting()))))
        {
            if (DaemonPods.TargetNode(pod) is not { } node)
            {
                continue;
            }

            if (!byNode.TryGetValue(node, out var there))
            {
                byNode[node] = there = [];
            }

            there.Add(pod);
        }

        return new(set, new SortedDictionary<string, Node>(nodes.ToDictionary(n => n.Metadata.Name), StringComparer.Ordinal), byNode, hash, now);
    }

    /// <summary>The pods for a node, the oldest first.</summary>
    public IReadOnlyList<Pod> On(string node) => ByNode.TryGetValue(node, out var pods) ? pods : [];

    /// <summary>Nodes that want a pod.</summary>
    public int Desired() => Nodes.Values.Count(n => DaemonNodes.Decide(Set, n).Run);

    public bool IsAvailable(Pod pod) => pod.IsAvailable(Set.Spec.MinReadySeconds, Now);
}
