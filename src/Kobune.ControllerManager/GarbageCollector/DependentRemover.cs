using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client.Events;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>
/// Decides about one object, always against the live server: absent owners are looked up before anything goes. Source:
/// pkg/controller/garbagecollector/garbagecollector.go.
/// </summary>
internal sealed class DependentRemover(OwnerGraph graph, OwnerKinds kinds, LiveObjects objects, IEventRecorder events, Action<string> attemptDelete, Action unknownKind)
{
    private readonly FreedOwners _freed = new();

    /// <summary>Deletes the object when nothing owns it any more. True when it must be looked at again.</summary>
    public async Task<bool> DeleteAsync(string uid, CancellationToken ct)
    {
        if (graph.Find(uid) is not { } node || (node.IsDeleting && !node.IsDeletingDependents))
        {
            return false;
        }

        if (node.Resource is not { } resource)
        {
            unknownKind();
            return true; // it may be served later, or is and nobody has said so
        }

        if (await objects.LiveAsync(resource, node.Namespace, node.Name, ct) is not { } live || live.Metadata.Uid != uid)
        {
            graph.Remove(uid); // an owner that was only mentioned, or a deletion that no watch showed
            return false;
        }

        if (node.IsDeletingDependents)
        {
            await FinishForegroundAsync(node, live, ct);
            return false;
        }

        if (live.Metadata.OwnerReferences.Count == 0)
        {
            return node.IsVirtual; // it exists; the watch has yet to show it
        }

        await DecideAsync(node, resource, live, ct);
        return false;
    }

    /// <summary>Frees the dependents of an owner that goes without them, then lets it go.</summary>
    public async Task OrphanAsync(string uid, CancellationToken ct)
    {
        if (graph.Find(uid) is not { Resource: { } resource } node)
        {
            return;
        }

        foreach (var dependent in node.Dependents)
        {
            if (dependent.Resource is { } kind && await objects.LiveAsync(kind, dependent.Namespace, dependent.Name, ct) is { } live && live.Metadata.Uid == dependent.Uid)
            {
                await objects.WriteOwnersAsync(kind, live, [.. live.Metadata.OwnerReferences.Where(o => o.Uid != uid)], ct);
            }
        }

        if (await objects.LiveAsync(resource, node.Namespace, node.Name, ct) is { Metadata.DeletionTimestamp: { } deleted } owner && owner.Metadata.Uid == uid)
        {
            _freed.Add(uid, deleted); // the watch of some dependent may be behind its owner's
            await objects.RemoveFinalizerAsync(resource, owner, OwnerGraph.Orphan, ct);
        }
    }

    private async Task FinishForegroundAsync(NodeSnapshot node, PartialObjectMetadata live, CancellationToken ct)
    {
        var blocking = graph.Blocking(node.Uid);
        if (blocking.Count == 0)
        {
            await objects.RemoveFinalizerAsync(node.Resource!, live, OwnerGraph.Foreground, ct);
            return;
        }

        foreach (var dependent in blocking.Where(d => !d.IsDeletingDependents))
        {
            attemptDelete(dependent.Uid);
        }
    }

    private async Task DecideAsync(NodeSnapshot node, ResourceDescriptor resource, PartialObjectMetadata live, CancellationToken ct)
    {
        var states = new List<(OwnerReference Owner, OwnerState State)>();
        foreach (var owner in live.Metadata.OwnerReferences)
        {
            states.Add((owner, await StateAsync(owner, live, resource, ct)));
        }

        if (states.RemoveAll(s => s.State == OwnerState.Freed) > 0)
        {
            live = await objects.WriteOwnersAsync(resource, live, [.. states.Select(s => s.Owner)], ct);
            if (states.Count == 0)
            {
                return;
            }
        }

        if (states.Exists(s => s.State == OwnerState.Impossible))
        {
            return; // it will not become right by looking again, and deleting on a mistake would be worse than keeping
        }

        if (states.Exists(s => s.State == OwnerState.Solid))
        {
            var solid = states.Where(s => s.State == OwnerState.Solid).Select(s => s.Owner).ToList();
            if (solid.Count < states.Count)
            {
                await objects.WriteOwnersAsync(resource, live, solid, ct); // it stays, but no longer holds up those that go
            }

            return;
        }

        var waits = states.Exists(s => s.State == OwnerState.Waiting);
        if (waits && node.Dependents.Count > 0)
        {
            if (node.Dependents.Any(d => d.IsDeletingDependents))
            {
                // A circle of owners in the foreground: this one gives way.
                live = await objects.WriteOwnersAsync(resource, live, [.. live.Metadata.OwnerReferences.Select(o => o with { BlockOwnerDeletion = false })], ct);
            }

            await objects.DeleteAsync(resource, live, DeletionPropagation.Foreground, ct);
            return;
        }

        var policy = live.Metadata.Finalizers.Contains(OwnerGraph.Orphan) ? DeletionPropagation.Orphan
            : live.Metadata.Finalizers.Contains(OwnerGraph.Foreground) ? DeletionPropagation.Foreground
            : DeletionPropagation.Background;
        await objects.DeleteAsync(resource, live, policy, ct);
    }

    private async Task<OwnerState> StateAsync(OwnerReference reference, PartialObjectMetadata dependent, ResourceDescriptor dependentResource, CancellationToken ct)
    {
        if (kinds.Find(reference) is not { } resource)
        {
            unknownKind();
            throw new InvalidOperationException($"The kind {reference.APIVersion} {reference.Kind} of an owner is not served."); // cannot be decided now
        }

        if (resource.Namespaced && !dependentResource.Namespaced)
        {
            TellOfNamespace(reference, dependent, dependentResource);
            return OwnerState.Impossible;
        }

        var owner = await objects.LiveAsync(resource, resource.Namespaced ? dependent.Metadata.Namespace : "", reference.Name, ct);
        if (owner is null || owner.Metadata.Uid != reference.Uid)
        {
            if (resource.Namespaced && graph.Find(reference.Uid) is { IsVirtual: false } elsewhere && elsewhere.Namespace != dependent.Metadata.Namespace)
            {
                TellOfNamespace(reference, dependent, dependentResource);
            }

            return _freed.Frees(reference.Uid, dependent.Metadata.CreationTimestamp) ? OwnerState.Freed : OwnerState.Absent;
        }

        return owner.Metadata.DeletionTimestamp is not null && owner.Metadata.Finalizers.Contains(OwnerGraph.Foreground) ? OwnerState.Waiting : OwnerState.Solid;
    }

    private void TellOfNamespace(OwnerReference owner, PartialObjectMetadata dependent, ResourceDescriptor resource)
    {
        var ns = dependent.Metadata.Namespace;
        var involved = new ObjectReference { Kind = dependent.Kind, APIVersion = resource.ApiVersion, Namespace = ns, Name = dependent.Metadata.Name, Uid = dependent.Metadata.Uid };
        events.Record(involved, "Warning", "OwnerRefInvalidNamespace", $"ownerRef [{owner.APIVersion}/{owner.Kind}, namespace: {ns}, name: {owner.Name}, uid: {owner.Uid}] does not exist in namespace \"{ns}\"");
    }

    private enum OwnerState
    {
        Solid,
        Absent,
        Waiting,

        /// <summary>It went without its dependents, and this is one that was not known then.</summary>
        Freed,

        /// <summary>An object of the cluster cannot have an owner in a namespace.</summary>
        Impossible,
    }
}
