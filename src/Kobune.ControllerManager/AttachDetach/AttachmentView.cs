using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.AttachDetach;

/// <summary>Which node needs which volumes, and which has them, read from the caches.</summary>
internal sealed class AttachmentView(
    ICache<Pod> pods, ICache<PersistentVolumeClaim> claims, ICache<PersistentVolume> volumes, ICache<CSIDriver> drivers, ICache<VolumeAttachment> attachments)
{
    private readonly ICacheIndex<Pod> _byNode = pods.ByNode();
    private readonly ICacheIndex<Pod> _byClaim = pods.Index("claims", p => ClaimNames.Of(p).Select(c => new ObjectKey(p.Metadata.Namespace, c.Name).ToString()));
    private readonly ICacheIndex<VolumeAttachment> _onNode = attachments.Index("spec.nodeName", a => [a.Spec.NodeName]);
    private readonly ICacheIndex<VolumeAttachment> _ofVolume = attachments.Index("volume", a => a.Spec.Source.PersistentVolumeName is { } name ? [name] : []);

    public IEnumerable<string> NodesOfClaim(ObjectKey claim) => _byClaim[claim.ToString()].Select(p => p.Spec.NodeName).Where(n => n.Length > 0).Distinct();

    /// <summary>The volumes that pods on a node need, each once.</summary>
    public IReadOnlyList<AttachableVolume> NeededOn(string node) =>
        [.. _byNode[node].Where(AttachmentPlan.NeedsVolumes).SelectMany(VolumesOf).DistinctBy(v => v.UniqueName)];

    /// <summary>The attachments to a node, with their volumes.</summary>
    public IReadOnlyList<(VolumeAttachment Attachment, AttachableVolume? Volume)> On(string node) =>
        [.. _onNode[node].Where(a => a.Spec.Source.PersistentVolumeName is not null).Select(a => (a, VolumeOf(a))).Where(a => a.Item2 is null || a.Item2.AttachmentOn(node) == a.a.Metadata.Name)];

    /// <summary>The nodes, but this one, that have a volume.</summary>
    public IReadOnlyList<string> Holders(AttachableVolume volume, string but) => [.. _ofVolume[volume.Volume].Select(a => a.Spec.NodeName).Where(n => n != but).Distinct()];

    /// <summary>The pods of a node that need a volume.</summary>
    public IEnumerable<Pod> PodsOf(string volume, string node) => _byNode[node].Where(p => AttachmentPlan.NeedsVolumes(p) && VolumesOf(p).Any(v => v.Volume == volume));

    /// <summary>Each volume of a CSI driver that a pod has, with the pod's node.</summary>
    public IEnumerable<(string Node, string Driver)> InUse() => pods.List()
        .Where(p => p.Spec.NodeName.Length > 0)
        .SelectMany(p => ClaimNames.Of(p).Select(c => claims.Find(p.Metadata.Namespace, c.Name)).OfType<PersistentVolumeClaim>().Select(c => volumes.Find("", c.Spec.VolumeName)?.Spec.CSI?.Driver).OfType<string>().Select(d => (p.Spec.NodeName, d)));

    /// <summary>What all nodes need.</summary>
    public IEnumerable<AttachableVolume> Wanted() => pods.List().Where(AttachmentPlan.NeedsVolumes).GroupBy(p => p.Spec.NodeName).SelectMany(g => g.SelectMany(VolumesOf).DistinctBy(v => v.UniqueName));

    /// <summary>The drivers of what is attached, one for each attachment.</summary>
    public IEnumerable<string> Attached() => attachments.List().Where(a => a.Status.Attached && a.Spec.Source.PersistentVolumeName is not null).Select(a => a.Spec.Attacher);

    private AttachableVolume? VolumeOf(VolumeAttachment attachment) =>
        volumes.Find("", attachment.Spec.Source.PersistentVolumeName!) is { } volume ? AttachableVolume.Of(volume, _ => true) : null;

    private IEnumerable<AttachableVolume> VolumesOf(Pod pod)
    {
        foreach (var (name, isEphemeral) in ClaimNames.Of(pod))
        {
            if (claims.Find(pod.Metadata.Namespace, name) is { Status.Phase: PersistentVolumeClaimPhase.Bound } claim
                && (!isEphemeral || EphemeralClaim.Complaint(pod, claim) is null)
                && volumes.Find("", claim.Spec.VolumeName) is { } volume
                && volume.Spec.ClaimRef is { } bound && (bound.Uid.Length == 0 || bound.Uid == claim.Metadata.Uid)
                && AttachableVolume.Of(volume, Attaches) is { } attachable)
            {
                yield return attachable;
            }
        }
    }

    /// <summary>A driver that says nothing of itself attaches.</summary>
    private bool Attaches(string driver) => drivers.Find("", driver)?.Spec.AttachRequired != false;
}
