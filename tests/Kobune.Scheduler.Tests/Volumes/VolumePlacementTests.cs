using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Tests.Volumes;

/// <summary>Where the volumes of a pod let it go: zones, limits of drivers, exclusive claims.</summary>
public class VolumePlacementTests
{
    private const string Zone = "topology.kubernetes.io/zone";
    private const string OldZone = "failure-domain.beta.kubernetes.io/zone";
    private const string Elsewhere = "node(s) had no available volume zone";
    private const string TooMany = "node(s) exceed max volume count";

    [Theory]
    [InlineData("no zone of its own", "", "a,b,bare")]
    [InlineData("one zone", Zone + "=1", "a,bare")]
    [InlineData("two zones", Zone + "=1__2", "a,b,bare")]
    [InlineData("the old label means the new one of nodes", OldZone + "=2", "b,bare")]
    [InlineData("another zone", Zone + "=3", "bare")]
    [InlineData("a region that the nodes do not tell", Zone + "=1,topology.kubernetes.io/region=r", "bare")]
    public void Zones(string name, string labels, string fits)
    {
        var cluster = new TestCluster { Claims = new(Claim("c", "v")), Volumes = new(Volume("v", labels)) }.Nodes($"a:{Zone}=1", $"b:{Zone}=2", "bare");
        var reasons = cluster.Reasons(Pod("p", "c"));
        Assert.True(fits == string.Join(',', reasons.Where(r => r.Value.Length == 0).Select(r => r.Key).Order(StringComparer.Ordinal)), name);
        Assert.All(reasons.Values.Where(r => r.Length > 0), reason => Assert.Equal(Elsewhere, reason));
    }

    [Fact]
    public void A_zone_cannot_be_made_free()
    {
        var cluster = new TestCluster { Claims = new(Claim("c", "v")), Volumes = new(Volume("v", Zone + "=3")) }.Nodes($"a:{Zone}=1").Add(Objects.Pod("x", node: "a", priority: -1));
        Assert.EndsWith("preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.", cluster.Reject(Pod("p", "c")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("room for one more", "x:c1", "p:c2", 2, "a")]
    [InlineData("no room", "x:c1 y:c2", "p:c3", 2, "")]
    [InlineData("two at once are one too many", "x:c1", "p:c2 p:c3", 2, "")]
    [InlineData("a volume that is there already", "x:c1 y:c2", "p:c2", 2, "a")]
    [InlineData("a volume that two use counts once", "x:c1 y:c1", "p:c2", 2, "a")]
    [InlineData("one that is still to be made counts", "x:c1 y:new", "p:c2", 2, "")]
    [InlineData("other drivers do not count", "x:c1 y:other", "p:c2", 2, "a")]
    [InlineData("one that is attached without a pod counts", "x:c1", "p:c2", 2, "", "c3")]
    [InlineData("it counts once", "x:c1", "p:c2", 2, "a", "c1")]
    [InlineData("pods without volumes are not asked", "x:c1 y:c2", "p:", 1, "a")]
    public void Limits(string name, string others, string wanted, int limit, string fits, string attached = "")
    {
        var cluster = Limited(limit, attached);
        foreach (var pod in others.Split(' '))
        {
            cluster.Add(Pod(pod.Split(':')[0], pod.Split(':')[1]).With(s => s with { NodeName = "a" }));
        }

        var reasons = cluster.Reasons(Pod("p", [.. wanted.Split(' ').Select(w => w.Split(':')[1])]));
        Assert.True((fits.Length > 0 ? "" : TooMany) == reasons["a"], $"{name}: {reasons["a"]}");
    }

    [Fact]
    public void A_volume_of_a_lesser_pod_can_be_made_free()
    {
        var cluster = Limited(1, "").Add(Pod("x", "c1").With(s => s with { NodeName = "a", Priority = -1 }));
        Assert.Equal("a", cluster.Reject(Pod("p", "c2")).Result.NominatedNodeName);
    }

    [Fact]
    public void A_claim_for_one_pod_can_be_taken_from_a_lesser_one_only()
    {
        var cluster = new TestCluster { Claims = new(Claim("c", "v", PersistentVolumeAccessMode.ReadWriteOncePod)), Volumes = new(Volume("v", "")) }.Nodes("a", "b");
        cluster.Add(Pod("x", "c").With(s => s with { NodeName = "b", Priority = 1 }));
        var (result, message) = cluster.Reject(Pod("p", "c").With(s => s with { Priority = 5 }));
        Assert.Equal("b", result.NominatedNodeName);
        Assert.Equal("0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.", message);
        Assert.Equal("", cluster.Reject(Pod("q", "c").With(s => s with { Priority = 1 })).Result.NominatedNodeName);
    }

    [Fact]
    public void What_helps()
    {
        var cluster = new TestCluster();
        var pod = Pod("p", "c1");
        Assert.True(cluster.Helps("NodeVolumeLimits", pod, new(EventResource.VolumeAttachment, ActionType.Delete)));
        Assert.True(cluster.Helps("NodeVolumeLimits", pod, new(EventResource.CSINode, ActionType.UpdateStorage)));
        Assert.True(cluster.Helps("NodeVolumeLimits", pod, new(EventResource.AssignedPod, ActionType.Delete, Old: Pod("x", "c2"))));
        Assert.False(cluster.Helps("NodeVolumeLimits", pod, new(EventResource.AssignedPod, ActionType.Delete, Old: Pod("x", ""))));
        Assert.True(cluster.Helps("VolumeZone", pod, new(EventResource.PersistentVolumeClaim, ActionType.UpdateStorage, New: Claim("c1", "v"))));
        Assert.False(cluster.Helps("VolumeZone", pod, new(EventResource.PersistentVolumeClaim, ActionType.UpdateStorage, New: Claim("c2", "v"))));
    }

    private static TestCluster Limited(int limit, string attached)
    {
        var cluster = new TestCluster
        {
            Claims = new(Claim("c1", "c1"), Claim("c2", "c2"), Claim("c3", "c3"), Claim("other", "other"), Claim("new", "")),
            Volumes = new(Volume("c1", ""), Volume("c2", ""), Volume("c3", ""), Volume("other", "", "other.test")),
            Classes = new(new StorageClass { Metadata = new() { Name = "made" }, Provisioner = "driver.test", VolumeBindingMode = "WaitForFirstConsumer" }),
        };
        cluster.View = cluster.View with
        {
            CSINodes = new ListCache<CSINode>(new CSINode { Metadata = new() { Name = "a" }, Spec = new() { Drivers = [new() { Name = "driver.test", Allocatable = new() { Count = limit } }, new() { Name = "other.test" }] } }),
            VolumeAttachments = attached.Length == 0
                ? new ListCache<VolumeAttachment>()
                : new ListCache<VolumeAttachment>(new VolumeAttachment { Metadata = new() { Name = "va" }, Spec = new() { Attacher = "driver.test", NodeName = "a", Source = new() { PersistentVolumeName = attached } } }),
        };
        return cluster.Nodes("a");
    }

    private static Pod Pod(string name, params string[] claims) => Objects.Pod(name).With(s => s with
    {
        Volumes = [.. claims.Where(c => c.Length > 0).Select(c => new Volume { Name = c, PersistentVolumeClaim = new() { ClaimName = c } })],
    });

    private static PersistentVolumeClaim Claim(string name, string volume, string mode = PersistentVolumeAccessMode.ReadWriteOnce) => new()
    {
        Metadata = new() { Namespace = "default", Name = name, Uid = "uid-" + name, Annotations = volume.Length > 0 ? Objects.Labels("pv.kubernetes.io/bind-completed=yes") : [] },
        Spec = new() { VolumeName = volume, AccessModes = [mode], StorageClassName = "made" },
    };

    private static PersistentVolume Volume(string name, string labels, string driver = "driver.test") => new()
    {
        Metadata = new() { Name = name, Labels = Objects.Labels(labels) },
        Spec = new() { CSI = new() { Driver = driver, VolumeHandle = "handle-" + name } },
    };
}
