using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Cache;

/// <summary>A node with the pods on it and what they take. The cache changes its own; snapshots hold clones that stay as they are.</summary>
internal sealed class NodeInfo(Node node)
{
    private List<PodInfo> _pods = [];

    public Node Node { get; private set; } = node;

    /// <summary>False while pods of a node are known but not the node itself.</summary>
    public bool HasNode { get; private set; } = true;

    public string Name => Node.Metadata.Name;

    public ResourceVector Allocatable { get; private set; } = ResourceVector.From(node.Status.Allocatable);

    public ResourceVector Requested { get; private set; } = new();

    /// <summary>With defaults for pods that ask for nothing; for scoring.</summary>
    public ResourceVector NonZeroRequested { get; private set; } = new();

    public IReadOnlyList<PodInfo> Pods => _pods;

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
        _pods[index] = _pods[^1];
        _pods.RemoveAt(_pods.Count - 1);
        return true;
    }

    public NodeInfo Clone()
    {
        var clone = (NodeInfo)MemberwiseClone();
        clone._pods = [.. _pods];
        clone.Requested = Requested.Clone();
        clone.NonZeroRequested = NonZeroRequested.Clone();
        return clone;
    }

    private void Count(PodInfo pod, int sign)
    {
        Requested.Add(pod.Requests, sign);
        NonZeroRequested.Add(pod.NonZeroRequests, sign);
    }
}
