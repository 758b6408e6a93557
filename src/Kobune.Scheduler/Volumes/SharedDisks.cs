using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Volumes;

/// <summary>Disks that pods name themselves, of the kinds that one node can mount for one writer only. Pure.</summary>
internal static class SharedDisks
{
    public static bool Has(Pod pod)
    {
        foreach (var volume in pod.Spec.Volumes)
        {
            if (IsDisk(volume))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether two pods cannot be on one node.</summary>
    public static bool Conflict(Pod pod, Pod other)
    {
        foreach (var volume in pod.Spec.Volumes)
        {
            if (IsDisk(volume) && other.Spec.Volumes.Any(theirs => Conflict(volume, theirs)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDisk(Volume volume) => volume.GCEPersistentDisk is not null || volume.AWSElasticBlockStore is not null || volume.RBD is not null || volume.ISCSI is not null;

    /// <summary>The same disk, and not read by both alone; an EBS volume cannot even be read twice.</summary>
    private static bool Conflict(Volume left, Volume right) =>
        (left.GCEPersistentDisk is { } gce && right.GCEPersistentDisk is { } otherGce && gce.PDName == otherGce.PDName && !(gce.ReadOnly && otherGce.ReadOnly))
        || (left.AWSElasticBlockStore is { } ebs && ebs.VolumeID == right.AWSElasticBlockStore?.VolumeID)
        || (left.ISCSI is { } iscsi && right.ISCSI is { } otherIscsi && iscsi.IQN == otherIscsi.IQN && !(iscsi.ReadOnly && otherIscsi.ReadOnly))
        || (left.RBD is { } rbd && right.RBD is { } otherRbd && rbd.RBDPool == otherRbd.RBDPool && rbd.RBDImage == otherRbd.RBDImage && rbd.CephMonitors.Intersect(otherRbd.CephMonitors).Any()
            && !(rbd.ReadOnly && otherRbd.ReadOnly));
}
