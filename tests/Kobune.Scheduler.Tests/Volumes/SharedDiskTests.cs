using Kobune.Api.Core.V1;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Tests.Volumes;

/// <summary>Pods that name the same disk without a claim.</summary>
public class SharedDiskTests
{
    private const string Taken = "node(s) had no available disk";

    private static readonly Case[] Cases =
    [
        new("one disk, two writers", Gce("a"), Gce("a"), true),
        new("one disk, one writer", Gce("a"), Gce("a", readOnly: true), true),
        new("one disk, readers alone", Gce("a", readOnly: true), Gce("a", readOnly: true), false),
        new("two disks", Gce("a"), Gce("b"), false),
        new("an EBS volume", Ebs("a"), Ebs("a"), true),
        new("an EBS volume that is only read", Ebs("a", readOnly: true), Ebs("a", readOnly: true), true),
        new("two EBS volumes", Ebs("a"), Ebs("b"), false),
        new("an iSCSI target", Iscsi("a"), Iscsi("a"), true),
        new("an iSCSI target, readers alone", Iscsi("a", readOnly: true), Iscsi("a", readOnly: true), false),
        new("two iSCSI targets", Iscsi("a"), Iscsi("b"), false),
        new("an image over one of the same monitors", Rbd("m1,m2", "i"), Rbd("m2,m3", "i"), true),
        new("an image, readers alone", Rbd("m1", "i", readOnly: true), Rbd("m1", "i", readOnly: true), false),
        new("an image of other monitors", Rbd("m1", "i"), Rbd("m2", "i"), false),
        new("two images", Rbd("m1", "i"), Rbd("m1", "j"), false),
        new("kinds do not meet", Gce("a"), Ebs("a"), false),
        new("no disk", new() { EmptyDir = new() }, new() { EmptyDir = new() }, false),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Conflict(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var (pod, other) = (Pod("p", c.Wanted), Pod("x", c.Used).With(s => s with { NodeName = "a" }));
        var cluster = new TestCluster().Nodes("a", "b").Add(other);
        var reasons = cluster.Reasons(pod);
        Assert.Equal((c.Conflicts ? Taken : "", ""), (reasons["a"], reasons["b"]));
        Assert.Equal(c.Conflicts, cluster.Helps("VolumeRestrictions", pod, new(EventResource.AssignedPod, ActionType.Delete, Old: other)));
    }

    [Fact]
    public void A_disk_of_a_lesser_pod_can_be_made_free()
    {
        var cluster = new TestCluster().Nodes("a").Add(Pod("x", Gce("a")).With(s => s with { NodeName = "a", Priority = -1 }));
        Assert.Equal("a", cluster.Reject(Pod("p", Gce("a"))).Result.NominatedNodeName);
    }

    private static Pod Pod(string name, Volume volume) => Objects.Pod(name).With(s => s with { Volumes = [volume with { Name = "v" }] });

    private static Volume Gce(string name, bool readOnly = false) => new() { GCEPersistentDisk = new() { PDName = name, ReadOnly = readOnly } };

    private static Volume Ebs(string id, bool readOnly = false) => new() { AWSElasticBlockStore = new() { VolumeID = id, ReadOnly = readOnly } };

    private static Volume Iscsi(string iqn, bool readOnly = false) => new() { ISCSI = new() { IQN = iqn, ReadOnly = readOnly } };

    private static Volume Rbd(string monitors, string image, bool readOnly = false) => new() { RBD = new() { CephMonitors = monitors.Split(','), RBDPool = "rbd", RBDImage = image, ReadOnly = readOnly } };

    private sealed record Case(string Name, Volume Wanted, Volume Used, bool Conflicts);
}
