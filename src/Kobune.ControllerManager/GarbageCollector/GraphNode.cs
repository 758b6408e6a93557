using Kobune.Api;
using Kobune.Api.Meta.V1;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>One object in the graph of owners and dependents. Guarded by the graph's lock.</summary>
internal sealed class GraphNode(string uid, ResourceDescriptor? resource, string ns, string name)
{
    public string Uid { get; } = uid;

    /// <summary>Null while the kind of a merely mentioned owner is not served.</summary>
    public ResourceDescriptor? Resource { get; set; } = resource;

    public string Namespace { get; set; } = ns;

    public string Name { get; set; } = name;

    public IReadOnlyList<OwnerReference> Owners { get; set; } = [];

    public HashSet<GraphNode> Dependents { get; } = [];

    /// <summary>It has a deletion timestamp.</summary>
    public bool IsDeleting { get; set; }

    /// <summary>Its deletion waits for dependents (foreground).</summary>
    public bool IsDeletingDependents { get; set; }

    /// <summary>Only an owner reference has named it so far; no event has shown it.</summary>
    public bool IsVirtual { get; set; }

    /// <summary>Dependents that keep this owner from going in the foreground.</summary>
    public IEnumerable<GraphNode> Blocking => Dependents.Where(d => d.Owners.Any(o => o.Uid == Uid && o.BlockOwnerDeletion == true));
}

/// <summary>What a worker needs to know of a node, taken out of the graph at one moment.</summary>
internal sealed record NodeSnapshot(string Uid, ResourceDescriptor? Resource, string Namespace, string Name, bool IsDeleting, bool IsDeletingDependents, bool IsVirtual, IReadOnlyList<NodeSnapshot> Dependents)
{
    public static NodeSnapshot Of(GraphNode node, bool deep = true) => new(
        node.Uid, node.Resource, node.Namespace, node.Name, node.IsDeleting, node.IsDeletingDependents, node.IsVirtual, deep ? [.. node.Dependents.Select(d => Of(d, false))] : []);
}
