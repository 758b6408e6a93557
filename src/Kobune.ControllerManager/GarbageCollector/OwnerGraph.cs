using Kobune.Api;
using Kobune.Api.Meta.V1;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>
/// The graph of all objects by their ownerReferences, kept by events. It says by its callbacks which nodes need a look. Source:
/// pkg/controller/garbagecollector/graph_builder.go.
/// </summary>
internal sealed partial class OwnerGraph(Action<string> attemptDelete, Action<string> attemptOrphan)
{
    public const string Foreground = "foregroundDeletion";
    public const string Orphan = "orphan";
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _nodes.Count;
            }
        }
    }

    public NodeSnapshot? Find(string uid)
    {
        lock (_lock)
        {
            return _nodes.TryGetValue(uid, out var node) ? NodeSnapshot.Of(node) : null;
        }
    }

    /// <summary>UIDs of dependents that keep an owner from going.</summary>
    public IReadOnlyList<NodeSnapshot> Blocking(string uid)
    {
        lock (_lock)
        {
            return _nodes.TryGetValue(uid, out var node) ? [.. node.Blocking.Select(d => NodeSnapshot.Of(d, false))] : [];
        }
    }

    /// <summary>The object is there in this state.</summary>
    /// <param name="resource">Where it lives.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="find">Finds the resource of an owner, null when its kind is not served.</param>
    public void Set(ResourceDescriptor resource, ObjectMeta metadata, Func<OwnerReference, ResourceDescriptor?> find)
    {
        lock (_lock)
        {
            var isNew = !_nodes.TryGetValue(metadata.Uid, out var node);
            if (isNew)
            {
                _nodes[metadata.Uid] = node = new(metadata.Uid, resource, metadata.Namespace, metadata.Name);
            }

            var wasVirtual = node!.IsVirtual;
            (node.Resource, node.Namespace, node.Name, node.IsVirtual) = (resource, metadata.Namespace, metadata.Name, false);
            if (wasVirtual)
            {
                foreach (var stranger in node.Dependents.Where(d => !IsMeant(node, d, d.Owners.First(o => o.Uid == node.Uid))))
                {
                    attemptDelete(stranger.Uid);
                }
            }

            Relink(node, metadata.OwnerReferences, find);
            Transit(node, metadata);
        }
    }

    /// <summary>The object is gone.</summary>
    public void Remove(string uid)
    {
        lock (_lock)
        {
            if (!_nodes.Remove(uid, out var node))
            {
                return;
            }

            foreach (var dependent in node.Dependents)
            {
                attemptDelete(dependent.Uid);
            }

            foreach (var reference in node.Owners)
            {
                if (_nodes.TryGetValue(reference.Uid, out var owner))
                {
                    owner.Dependents.Remove(node);
                    if (owner.IsDeletingDependents)
                    {
                        attemptDelete(owner.Uid);
                    }

                    DropIfForgotten(owner);
                }
            }

            if (node.Dependents.Count > 0)
            {
                node.IsVirtual = true; // they still name it, until they are gone or freed
                _nodes[uid] = node;
                (node.Owners, node.IsDeleting, node.IsDeletingDependents) = ([], false, false);
            }
        }
    }

    /// <summary>The whole set of a resource: what the graph has beyond it is gone.</summary>
    public void Replace(ResourceDescriptor resource, IReadOnlyList<PartialObjectMetadata> items, Func<OwnerReference, ResourceDescriptor?> find)
    {
        List<string> gone;
        lock (_lock)
        {
            var there = items.Select(i => i.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
            gone = [.. _nodes.Values.Where(n => !n.IsVirtual && n.Resource == resource && !there.Contains(n.Uid)).Select(n => n.Uid)];
        }

        gone.ForEach(Remove);
        foreach (var item in items)
        {
            Set(resource, item.Metadata, find);
        }
    }

    /// <summary>Other kinds are served than before: owners that were only mentioned, and whose kind was not known then, are looked at.</summary>
    public void Resolve(Func<OwnerReference, ResourceDescriptor?> find)
    {
        lock (_lock)
        {
            foreach (var owner in _nodes.Values.Where(n => n is { IsVirtual: true, Resource: null, Dependents.Count: > 0 }))
            {
                var reference = owner.Dependents.First().Owners.First(o => o.Uid == owner.Uid);
                if (find(reference) is { } resource)
                {
                    owner.Resource = resource;
                    owner.Namespace = resource.Namespaced ? owner.Namespace : "";
                    attemptDelete(owner.Uid);
                }
            }
        }
    }

    private void Relink(GraphNode node, IReadOnlyList<OwnerReference> owners, Func<OwnerReference, ResourceDescriptor?> find)
    {
        var before = node.Owners;
        if (before.SequenceEqual(owners))
        {
            return;
        }

        node.Owners = owners;
        foreach (var left in before.Where(b => !owners.Any(o => o.Uid == b.Uid)))
        {
            if (_nodes.TryGetValue(left.Uid, out var owner))
            {
                owner.Dependents.Remove(node);
                LookAtWaiting(owner);
                DropIfForgotten(owner);
            }
        }

        foreach (var reference in owners)
        {
            Link(node, reference, before.FirstOrDefault(b => b.Uid == reference.Uid), find);
        }
    }

    private void Link(GraphNode node, OwnerReference reference, OwnerReference? before, Func<OwnerReference, ResourceDescriptor?> find)
    {
        if (!_nodes.TryGetValue(reference.Uid, out var owner))
        {
            var resource = find(reference);
            _nodes[reference.Uid] = owner = new(reference.Uid, resource, resource?.Namespaced == false ? "" : node.Namespace, reference.Name) { IsVirtual = true };
        }

        owner.Dependents.Add(node);
        if (owner.IsVirtual)
        {
            attemptDelete(owner.Uid); // does it exist? One that is gone is known as long as others name it: a late dependent must be seen too
        }

        if (before is null)
        {
            if (owner.IsDeletingDependents || !IsMeant(owner, node, reference))
            {
                attemptDelete(node.Uid); // a new dependent of an owner that is going, or of one that is something else, or elsewhere
            }
        }
        else if (before.BlockOwnerDeletion == true && reference.BlockOwnerDeletion != true)
        {
            LookAtWaiting(owner);
        }
    }

    /// <summary>Whether an owner is what and where a reference says: the UID alone does not make it one.</summary>
    private static bool IsMeant(GraphNode owner, GraphNode dependent, OwnerReference reference) =>
        owner.Resource is not { } resource
        || (owner.Name == reference.Name && resource.Kind == reference.Kind && resource.Group == OwnerKinds.GroupOf(reference) && (!resource.Namespaced || owner.Namespace == dependent.Namespace));

    private void Transit(GraphNode node, ObjectMeta metadata)
    {
        var wasDeleting = node.IsDeleting;
        node.IsDeleting = metadata.DeletionTimestamp is not null;
        if (!node.IsDeleting)
        {
            return;
        }

        if (!wasDeleting && metadata.Finalizers.Contains(Orphan))
        {
            attemptOrphan(node.Uid);
        }

        if (metadata.Finalizers.Contains(Foreground))
        {
            if (!node.IsDeletingDependents)
            {
                node.IsDeletingDependents = true;
                foreach (var dependent in node.Dependents)
                {
                    attemptDelete(dependent.Uid);
                }

                attemptDelete(node.Uid);
            }
        }
        else
        {
            node.IsDeletingDependents = false;
        }
    }

    private void LookAtWaiting(GraphNode owner)
    {
        if (owner.IsDeletingDependents)
        {
            attemptDelete(owner.Uid);
        }
    }

    private void DropIfForgotten(GraphNode node)
    {
        if (node.IsVirtual && node.Dependents.Count == 0)
        {
            _nodes.Remove(node.Uid);
        }
    }
}
