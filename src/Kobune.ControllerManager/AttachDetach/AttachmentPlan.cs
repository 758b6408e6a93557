using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.ControllerManager.NodeLifecycle;
using Kobune.ControllerManager.PodGc;

namespace Kobune.ControllerManager.AttachDetach;

/// <summary>
/// What a node's attachments become: made for volumes that its pods need, taken away from those that no pod needs and the kubelet has unmounted. Source:
/// pkg/controller/volume/attachdetach/reconciler.
/// </summary>
/// <param name="Attach">Volumes to attach.</param>
/// <param name="Detach">Attachments to delete.</param>
/// <param name="Attached">What the node is told to be attached.</param>
/// <param name="Elsewhere">Volumes that another node has and that cannot be on two.</param>
/// <param name="WaitFor">Attachments that wait to be unmounted, with the moment from which that is not waited for.</param>
/// <param name="Forced">For each that goes although it may be mounted: whether that is because its node is out of service, and not because it took too long.</param>
internal sealed record AttachmentPlan(
    IReadOnlyList<AttachableVolume> Attach,
    IReadOnlyList<VolumeAttachment> Detach,
    IReadOnlyList<AttachedVolume> Attached,
    IReadOnlyList<AttachableVolume> Elsewhere,
    IReadOnlyList<(VolumeAttachment Attachment, DateTimeOffset Until)> WaitFor,
    IReadOnlyList<bool> Forced)
{
    /// <summary>How long an unhealthy node may keep a volume that nobody needs there.</summary>
    public static readonly TimeSpan MaxWaitForUnmount = TimeSpan.FromMinutes(6);

    /// <summary>Whether a pod needs its volumes: it runs on a node, or its node still has to end it.</summary>
    public static bool NeedsVolumes(Pod pod) => pod.Spec.NodeName.Length > 0 && pod.Status.Phase is not (PodPhase.Succeeded or PodPhase.Failed)
        && !(pod.Metadata.DeletionTimestamp is not null && pod.Status.ContainerStatuses.All(c => c.State?.Terminated is not null || c.State?.Waiting is not null));

    /// <summary>
    /// Whether the kubelet took volumes into use that the plan did not know of. It says so before it looks whether they are attached, and mounts those that still
    /// are: what is planned to go may be mounted.
    /// </summary>
    /// <param name="planned">The node that was planned for.</param>
    /// <param name="told">The node after it was told what stays attached; null when it is gone, and mounts nothing.</param>
    public static bool HasTakenMore(Node? planned, Node? told) => planned is not null && told is not null && told.Status.VolumesInUse.Except(planned.Status.VolumesInUse).Any();

    /// <param name="name">The node.</param>
    /// <param name="node">Its object; null when it is gone.</param>
    /// <param name="needed">The volumes of its pods, each once.</param>
    /// <param name="own">The attachments to this node, with the volumes they are about; null where that is not known.</param>
    /// <param name="holders">Nodes to which a volume is attached, or on the way to be, this one left out.</param>
    /// <param name="unneededSince">Since when an attachment is not needed, by UID.</param>
    /// <param name="now">The time.</param>
    /// <param name="forcesLate">Whether an unhealthy node is waited for no longer than <see cref="MaxWaitForUnmount"/>; else for ever.</param>
    public static AttachmentPlan Compute(
        string name,
        Node? node,
        IReadOnlyList<AttachableVolume> needed,
        IReadOnlyList<(VolumeAttachment Attachment, AttachableVolume? Volume)> own,
        Func<AttachableVolume, IReadOnlyList<string>> holders,
        Func<VolumeAttachment, DateTimeOffset> unneededSince,
        DateTimeOffset now,
        bool forcesLate = true)
    {
        var wanted = needed.ToDictionary(v => v.AttachmentOn(name), StringComparer.Ordinal);
        var existing = own.Select(o => o.Attachment.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var missing = node is null ? [] : wanted.Where(w => !existing.Contains(w.Key)).Select(w => w.Value).ToList();
        var elsewhere = missing.Where(v => v.IsExclusive && holders(v).Count > 0).ToList();
        var (detach, attached, waiting) = (new List<VolumeAttachment>(), new List<AttachedVolume>(), new List<(VolumeAttachment, DateTimeOffset)>());
        var forced = new List<bool>();
        var isForced = node is not null && node.Spec.Taints.Any(t => t.Key == PodGcPlan.OutOfService);
        foreach (var (attachment, volume) in own)
        {
            if (wanted.TryGetValue(attachment.Metadata.Name, out var needs))
            {
                Tell(attachment, needs);
            }
            else if (attachment.Metadata.DeletionTimestamp is null)
            {
                // Who does not tell what it mounts is waited for as one that does mount.
                var isMounted = node is null || (volume is not null && node.Status.VolumesInUse.Contains(volume.UniqueName));
                var until = !forcesLate || (node is not null && NodeHealthPlan.IsReady(node)) ? DateTimeOffset.MaxValue : unneededSince(attachment) + MaxWaitForUnmount;
                if (!isMounted || isForced || now >= until)
                {
                    detach.Add(attachment);
                    if (isMounted)
                    {
                        forced.Add(now < until);
                    }
                }
                else
                {
                    waiting.Add((attachment, until));
                    Tell(attachment, volume);
                }
            }
        }

        return new([.. missing.Except(elsewhere)], detach, [.. attached.OrderBy(a => a.Name, StringComparer.Ordinal)], elsewhere, waiting, forced);

        void Tell(VolumeAttachment attachment, AttachableVolume? volume)
        {
            if (volume is not null && attachment.Status.Attached && attachment.Metadata.DeletionTimestamp is null)
            {
                attached.Add(new AttachedVolume { Name = volume.UniqueName, DevicePath = "" });
            }
        }
    }
}
