using Kobune.Api.Core.V1;
using Kobune.Scheduler.Spreading;

namespace Kobune.Scheduler.Cache;

/// <summary>A node with the pods on it and what they take. The cache changes its own; snapshots hold clones that stay as they are.</summary>
internal sealed class NodeInfo(Node node)
{
    private List<PodInfo> _pods = [];
    private List<PodInfo>? _withAffinity;
    private (PodMatcher Matcher, int Count)? _matching;

    public Node Node { get; private set; } = node;

    /// <summary>False while pods of a node are known but not the node itself.</summary>
    public bool HasNode { get; private set; } = true;

    public string Name => Node.Metadata.Name;

    public ResourceVector Allocatable { get; private set; } = ResourceVector.From(node.Status.Allocatable);

    public ResourceVector Requested { get; private set; } = new();

    /// <summary>With defaults for pods that ask for nothing; for scoring.</summary>
    public ResourceVector NonZeroRequested { get; private set; } = new();

    public IReadOnlyList<PodInfo> Pods => _pods;

    /// <summary>Those that have affinity or anti-affinity towards other pods.</summary>
    public IReadOnlyList<PodInfo> PodsWithAffinity => _withAffinity ?? [];

    /// <summary>How many pods match. The last answer is kept until the pods change, for the pods of one set come one after the other.</summary>
    public int CountMatching(PodMatcher matcher)
    {
        if (_matching is not { } last || !last.Matcher.Equals(matcher))
        {
            _matching = last = (matcher, matcher.Count(_pods));
        }

        return last.Count;
    }

    public void SetNode(Node node)
    {
        Node = node;
        HasNode = true;
        Allocatable = ResourceVector.From(node.Status.Allocatable);
    }

    public void RemoveNode() => HasNode = false;

    public void AddPod(PodInfo pod)
    {
        _pods.Add(pod);
        if (pod.Affinity is not null)
        {
            (_withAffinity ??= []).Add(pod);
        }

        Count(pod, 1);
    }

    public bool RemovePod(string uid)
    {
        var index = _pods.FindIndex(pod => pod.Uid == uid);
        if (index < 0)
        {
            return false;
        }

        Count(_pods[index], -1);
        if (_pods[index].Affinity is not null)
        {
            _withAffinity!.Remove(_pods[index]);
        }

        _pods[index] = _pods[^1];
        _pods.RemoveAt(_pods.Count - 1);
        return true;
    }

    public NodeInfo Clone()
    {
        var clone = (NodeInfo)MemberwiseClone();
        clone._pods = [.. _pods];
        clone._withAffinity = _withAffinity is { Count: > 0 } ? [.. _withAffinity] : null;
        clone.Requested = Requested.Clone();
        clone.NonZeroRequested = NonZeroRequested.Clone();
        return clone;
    }

    private void Count(PodInfo pod, int sign)
    {
        _matching = null;
        Requested.Add(pod.Requests, sign);
        NonZeroRequested.Add(pod.NonZeroRequests, sign);
    }
}
