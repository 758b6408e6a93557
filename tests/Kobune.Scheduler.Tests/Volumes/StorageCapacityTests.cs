using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Storage.V1;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Tests.Volumes;

/// <summary>Volumes are made only where their driver says that there is room.</summary>
public class StorageCapacityTests
{
    private const string NoRoom = "node(s) did not have enough free storage";

    [Theory]
    [InlineData("nobody has told", true, "", "")]
    [InlineData("the driver is not asked", false, "", "a,b")]
    [InlineData("there is no such driver", null, "", "a,b")]
    [InlineData("just enough", true, "made@a:5Gi", "a")]
    [InlineData("too little", true, "made@a:4Gi", "")]
    [InlineData("everywhere", true, "made@*:6Gi", "a,b")]
    [InlineData("nowhere", true, "made@:6Gi", "")]
    [InlineData("the largest volume counts, not all the room", true, "made@a:100Gi/4Gi", "")]
    [InlineData("the largest volume is enough", true, "made@a:1Gi/5Gi", "a")]
    [InlineData("room that is not told", true, "made@a:", "")]
    [InlineData("of another class", true, "else@a:6Gi", "")]
    [InlineData("one of several", true, "made@a:1Gi made@b:1Gi made@b:9Gi", "b")]
    [InlineData("claims that ask for nothing", true, "", "a,b", "")]
    public void Room(string name, bool? asked, string capacities, string fits, string size = "5Gi")
    {
        var cluster = new TestCluster
        {
            Claims = new(Claim(size)),
            Classes = new(new StorageClass { Metadata = new() { Name = "made" }, Provisioner = "driver.test", VolumeBindingMode = "WaitForFirstConsumer" }),
            Drivers = asked is null ? new() : new(Driver(asked)),
            Capacities = new([.. capacities.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Capacity)]),
        }.Nodes("a:at=a", "b:at=b");
        var reasons = cluster.Reasons(Pod);
        Assert.True(fits == string.Join(',', reasons.Where(r => r.Value.Length == 0).Select(r => r.Key).Order(StringComparer.Ordinal)), name);
        Assert.All(reasons.Values.Where(r => r.Length > 0), reason => Assert.Equal(NoRoom, reason));
    }

    [Theory]
    [InlineData("told for the first time", null, "made@a:1Gi", true)]
    [InlineData("more room", "made@a:1Gi", "made@a:2Gi", true)]
    [InlineData("room where none was told", "made@a:", "made@a:2Gi", true)]
    [InlineData("as much", "made@a:1Gi", "made@a:1024Mi", false)]
    [InlineData("less room", "made@a:2Gi", "made@a:1Gi", false)]
    [InlineData("more room, but not for one volume", "made@a:2Gi/1Gi", "made@a:3Gi/1Gi", false)]
    [InlineData("larger volumes", "made@a:2Gi/1Gi", "made@a:2Gi/2Gi", true)]
    [InlineData("no longer told", "made@a:2Gi", "made@a:", false)]
    public void More_room_helps(string name, string? old, string now, bool helps)
    {
        var happened = new ClusterEvent(EventResource.CSIStorageCapacity, old is null ? ActionType.Add : ActionType.UpdateStorage, old is null ? null : Capacity(old, 0), Capacity(now, 0));
        Assert.True(helps == new TestCluster().Helps("VolumeBinding", Pod, happened), name);
    }

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(true, null, true)]
    [InlineData(true, true, false)]
    [InlineData(false, true, false)]
    [InlineData(null, false, false)]
    public void A_driver_that_is_no_longer_asked_helps(bool? old, bool? now, bool helps)
    {
        var cluster = new TestCluster();
        Assert.Equal(helps, cluster.Helps("VolumeBinding", Pod, new(EventResource.CSIDriver, ActionType.UpdateStorage, Driver(old), Driver(now))));
        Assert.Equal(old == true, cluster.Helps("VolumeBinding", Pod, new(EventResource.CSIDriver, ActionType.Delete, Driver(old))));
    }

    [Fact]
    public void Of_a_class_only_its_topologies_help()
    {
        var old = new StorageClass { Metadata = new() { Name = "made" }, Provisioner = "driver.test" };
        var cluster = new TestCluster();
        Assert.True(cluster.Helps("VolumeBinding", Pod, new(EventResource.StorageClass, ActionType.Add, New: old)));
        Assert.False(cluster.Helps("VolumeBinding", Pod, new(EventResource.StorageClass, ActionType.UpdateStorage, old, old with { AllowVolumeExpansion = true })));
        var elsewhere = old with { AllowedTopologies = [new() { MatchLabelExpressions = [new() { Key = "zone", Values = ["1"] }] }] };
        Assert.True(cluster.Helps("VolumeBinding", Pod, new(EventResource.StorageClass, ActionType.UpdateStorage, old, elsewhere)));
    }

    [Theory]
    [InlineData("d=1", "d=2", true)]
    [InlineData("d=1", "d=1", false)]
    [InlineData("d=2", "d=1", false)]
    [InlineData("d=1", "d=", true)]
    [InlineData("d=1 e=5", "d=1 e=6", true)]
    [InlineData("d=1", "d=1 e=6", false)]
    [InlineData("d=1", "", true)]
    [InlineData(null, "d=1", true)]
    public void Higher_limits_of_a_node_help(string? old, string now, bool helps)
    {
        var happened = new ClusterEvent(EventResource.CSINode, old is null ? ActionType.Add : ActionType.UpdateStorage, old is null ? null : Limits(old), Limits(now));
        Assert.Equal(helps, new TestCluster().Helps("NodeVolumeLimits", Pod, happened));

        static CSINode Limits(string text) => new()
        {
            Metadata = new() { Name = "a" },
            Spec = new()
            {
                Drivers = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(d => d.Split('=')).Select(d => new CSINodeDriver
                {
                    Name = d[0],
                    Allocatable = d[1].Length > 0 ? new() { Count = d[1][0] - '0' } : null,
                })],
            },
        };
    }

    [Theory]
    [InlineData("topology.kubernetes.io/zone=1", "topology.kubernetes.io/zone=2", true)]
    [InlineData("topology.kubernetes.io/zone=1", "", true)]
    [InlineData("", "failure-domain.beta.kubernetes.io/region=r", true)]
    [InlineData("topology.kubernetes.io/zone=1", "topology.kubernetes.io/zone=1,app=x", false)]
    [InlineData(null, "", true)]
    public void Of_a_volume_only_its_zones_help(string? old, string now, bool helps)
    {
        static PersistentVolume Volume(string labels) => new() { Metadata = new() { Name = "v", Labels = Objects.Labels(labels) } };
        var happened = new ClusterEvent(EventResource.PersistentVolume, old is null ? ActionType.Add : ActionType.UpdateStorage, old is null ? null : Volume(old), Volume(now));
        Assert.Equal(helps, new TestCluster().Helps("VolumeZone", Pod, happened));
    }

    [Theory]
    [InlineData("WaitForFirstConsumer", true)]
    [InlineData("Immediate", false)]
    [InlineData(null, false)]
    public void To_zones_a_new_class_helps_that_waits_for_pods(string? mode, bool helps) =>
        Assert.Equal(helps, new TestCluster().Helps("VolumeZone", Pod, new(EventResource.StorageClass, ActionType.Add, New: new StorageClass { Metadata = new() { Name = "made" }, VolumeBindingMode = mode })));

    private static Pod Pod => Objects.Pod("p").With(s => s with { Volumes = [new Volume { Name = "v", PersistentVolumeClaim = new() { ClaimName = "c" } }] });

    private static PersistentVolumeClaim Claim(string size) => new()
    {
        Metadata = new() { Namespace = "default", Name = "c", Uid = "uid-c" },
        Spec = new()
        {
            AccessModes = [PersistentVolumeAccessMode.ReadWriteOnce],
            StorageClassName = "made",
            Resources = new() { Requests = size.Length > 0 ? new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse(size) } : [] },
        },
    };

    private static CSIDriver Driver(bool? asked) => new() { Metadata = new() { Name = "driver.test" }, Spec = new() { StorageCapacity = asked } };

    /// <summary>"class@place:room/largest volume"; the place is "*" for all nodes, empty for none.</summary>
    private static CSIStorageCapacity Capacity(string text, int index)
    {
        var parts = text.Split('@', ':', '/');
        return new()
        {
            Metadata = new() { Namespace = "default", Name = $"room-{index}" },
            StorageClassName = parts[0],
            NodeTopology = parts[1] switch { "" => null, "*" => new(), var at => new LabelSelector { MatchLabels = Objects.Labels("at=" + at) } },
            Capacity = parts[2].Length > 0 ? Quantity.Parse(parts[2]) : null,
            MaximumVolumeSize = parts.Length > 3 ? Quantity.Parse(parts[3]) : null,
        };
    }
}
