namespace Kobune.Scheduler.Cache;

/// <summary>The cluster as one scheduling cycle sees it. The loop owns one and brings it up to date before each cycle.</summary>
internal sealed class Snapshot
{
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _withAffinity = new(StringComparer.Ordinal);

    /// <summary>The nodes, in the order in which they came.</summary>
    public List<NodeInfo> Nodes { get; } = [];

    /// <summary>Image name to its size and the number of nodes that have it.</summary>
    public IReadOnlyDictionary<string, ImageState> Images { get; set; } = new Dictionary<string, ImageState>();

    /// <summary>Whether any pod in the cluster speaks of others.</summary>
    public bool HasAffinity => _withAffinity.Count > 0;

    /// <summary>The nodes of such pods, in no order.</summary>
    public IEnumerable<NodeInfo> NodesWithAffinity => _withAffinity.Select(name => Nodes[_positions[name]]);

    public NodeInfo? Find(string name) => _positions.TryGetValue(name, out var position) ? Nodes[position] : null;

    /// <summary>Replaces the clone of one node.</summary>
    public void Replace(NodeInfo node)
    {
        Nodes[_positions[node.Name]] = node;
        if (node.PodsWithAffinity.Count > 0)
        {
            _withAffinity.Add(node.Name);
        }
        else
        {
            _withAffinity.Remove(node.Name);
        }
    }

    public bool Has(string name) => _positions.ContainsKey(name);

    /// <summary>Replaces the whole list; clones of unchanged nodes are the old ones.</summary>
    public void Rebuild(IEnumerable<NodeInfo> nodes)
    {
        Nodes.Clear();
        Nodes.AddRange(nodes);
        _positions.Clear();
        _withAffinity.Clear();
        for (var i = 0; i < Nodes.Count; i++)
        {
            _positions[Nodes[i].Name] = i;
            if (Nodes[i].PodsWithAffinity.Count > 0)
            {
                _withAffinity.Add(Nodes[i].Name);
            }
        }
    }
}
