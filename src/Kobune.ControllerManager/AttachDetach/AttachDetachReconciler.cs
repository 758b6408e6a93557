using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.AttachDetach;

/// <summary>Makes and deletes the VolumeAttachments of a node, and tells it which volumes it has. The attacher of the driver does the work.</summary>
internal sealed class AttachDetachReconciler(ICache<Node> nodes, AttachmentView view, AttachmentClaims claims, AttachmentEvents events, IClient client, ControllerManagerOptions options, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan UntilSeen = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _unneeded = new(); // UID of an attachment, since when
    private readonly ConcurrentDictionary<string, bool> _refused = new();

    /// <summary>Nodes that need a volume that another one has.</summary>
    public List<string> Refused => [.. _refused.Keys];

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var (node, now, own) = (nodes.Find(key), time.GetUtcNow(), view.On(key.Name));
        var needed = view.NeededOn(key.Name);
        var plan = AttachmentPlan.Compute(key.Name, node, needed, own, v => view.Holders(v, key.Name), a => _unneeded.GetOrAdd(a.Metadata.Uid, now), now, options.ForceDetachOnTimeout);
        Forget(own, needed, key.Name);

        var told = node;
        if (node is not null && !node.Status.VolumesAttached.SequenceEqual(plan.Attached))
        {
            told = await TellAsync(key.Name, plan.Attached, ct); // before a volume goes: the kubelet must not mount it meanwhile
        }

        var isLate = AttachmentPlan.HasTakenMore(node, told);
        if (!isLate)
        {
            foreach (var gone in plan.Detach)
            {
                await DetachAsync(gone, ct);
            }

            foreach (var isOutOfService in plan.Forced)
            {
                options.Metrics.Volumes.Forced(isOutOfService);
            }
        }

        foreach (var volume in plan.Attach)
        {
            // The cache is asked again when the volume is ours: it may have shown another node's attachment in between.
            if (!volume.IsExclusive || (claims.TryTake(volume.Volume, key.Name) && view.Holders(volume, key.Name).Count == 0))
            {
                await AttachAsync(volume, key.Name, ct);
            }
            else
            {
                claims.Release(volume.Volume, key.Name);
                isLate = true;
            }
        }

        foreach (var volume in plan.Elsewhere)
        {
            events.Elsewhere(volume, key.Name);
        }

        Remember(key.Name, plan.Elsewhere.Count > 0);
        isLate |= plan.Elsewhere.Any(v => view.Holders(v, key.Name).Count == 0); // it became free before it was remembered who waits for it
        if (isLate)
        {
            return ReconcileResult.RequeueAfter(UntilSeen); // a node was faster: by then the cache shows its attachment, or what it mounts
        }

        var next = plan.WaitFor.Select(w => w.Until).Where(u => u < DateTimeOffset.MaxValue).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        return next < DateTimeOffset.MaxValue ? ReconcileResult.RequeueAfter(next - now) : ReconcileResult.Done;
    }

    private void Forget(IReadOnlyList<(VolumeAttachment Attachment, AttachableVolume? Volume)> own, IReadOnlyList<AttachableVolume> needed, string node)
    {
        var wanted = needed.Select(v => v.AttachmentOn(node)).ToHashSet(StringComparer.Ordinal);
        foreach (var (attachment, _) in own.Where(o => wanted.Contains(o.Attachment.Metadata.Name) || o.Attachment.IsDeleting()))
        {
            _unneeded.TryRemove(attachment.Metadata.Uid, out _);
        }
    }

    private void Remember(string node, bool isRefused)
    {
        if (isRefused)
        {
            _refused[node] = true;
        }
        else
        {
            _refused.TryRemove(node, out _);
        }
    }

    /// <returns>The node as it is by now; null when it is gone.</returns>
    private async Task<Node?> TellAsync(string node, IReadOnlyList<AttachedVolume> attached, CancellationToken ct)
    {
        var list = new JsonArray([.. attached.Select(a => (JsonNode)new JsonObject { ["name"] = a.Name, ["devicePath"] = a.DevicePath })]);
        try
        {
            return await client.PatchAsync<Node>("", node, Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["volumesAttached"] = list } }), "status", ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private async Task AttachAsync(AttachableVolume volume, string node, CancellationToken ct)
    {
        try
        {
            await client.CreateAsync(
                new VolumeAttachment
                {
                    Metadata = new ObjectMeta { Name = volume.AttachmentOn(node) },
                    Spec = new VolumeAttachmentSpec { Attacher = volume.Driver, NodeName = node, Source = new VolumeAttachmentSource { PersistentVolumeName = volume.Volume } },
                },
                ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // The cache is late.
        }
        catch (ApiException e)
        {
            claims.Release(volume.Volume, node);
            events.Refused(volume, node, e.Message);
            throw;
        }
    }

    private async Task DetachAsync(VolumeAttachment attachment, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<VolumeAttachment>("", attachment.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = attachment.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already.
        }
    }
}
