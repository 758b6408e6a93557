namespace Kobune.Scheduler.Framework;

/// <summary>Why a pod fits nowhere.</summary>
/// <param name="allNodes">Nodes in the cluster.</param>
internal sealed class Diagnosis(int allNodes)
{
    private Dictionary<string, Status>? _byNode;

    public int AllNodes { get; } = allNodes;

    /// <summary>The rejections of the nodes that were looked at.</summary>
    public List<(string Node, Status Status)> Nodes { get; } = [];

    /// <summary>What holds for all nodes that were not looked at.</summary>
    public Status? AbsentNodes { get; set; }

    /// <summary>Set when a plugin rejected the pod before looking at nodes.</summary>
    public string PreFilterMessage { get; set; } = "";

    public string PostFilterMessage { get; set; } = "";

    /// <summary>Who rejected; their events move the pod on.</summary>
    public HashSet<string> UnschedulablePlugins { get; } = new(StringComparer.Ordinal);

    /// <summary>Why a node was rejected, null when it was not looked at and nothing is known of all those.</summary>
    public Status? StatusOf(string node)
    {
        _byNode ??= Nodes.ToDictionary(n => n.Node, n => n.Status, StringComparer.Ordinal);
        return _byNode.GetValueOrDefault(node) ?? AbsentNodes;
    }

    public void Add(string node, Status status)
    {
        _byNode = null;
        Nodes.Add((node, status));
        UnschedulablePlugins.Add(status.Plugin);
    }

    /// <summary>The same in the place of whatever is known of the node.</summary>
    public void Set(string node, Status status)
    {
        Nodes.RemoveAll(n => n.Node == node);
        Add(node, status);
    }
}
