using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Volumes of CSI drivers are attached before pods mount them, and detached when nobody needs them.</summary>
public class AttachDetachTests
{
    private const string UniqueName = "kubernetes.io/csi/d.test^handle-v";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_volume_is_attached_told_to_the_node_and_detached_after_its_pod()
    {
        await using var cluster = await TestCluster.StartAsync();
        await AddVolumeAsync(cluster);
        await AddPodAsync(cluster, "p", PodRunner.NodeName);
        Assert.Equal("0", (await cluster.Sees<Node>("", "the time to live of Secrets", all => all.All(n => n.Metadata.Annotations.ContainsKey("node.alpha.kubernetes.io/ttl"))))[0].Metadata.Annotations["node.alpha.kubernetes.io/ttl"]);
        var made = Assert.Single(await cluster.Sees<VolumeAttachment>("", "the attachment", all => all.Count == 1));
        Assert.Equal(("d.test", PodRunner.NodeName, "v"), (made.Spec.Attacher, made.Spec.NodeName, made.Spec.Source.PersistentVolumeName));
        Assert.StartsWith("csi-", made.Metadata.Name, StringComparison.Ordinal);

        await SayAsync(cluster, made, new() { AttachError = new() { Message = "no room" } });
        await Says(cluster, "FailedAttachVolume", "AttachVolume.Attach failed for volume \"v\" : no room");
        await UseAsync(cluster, [UniqueName]); // before the controller's own write to the node, which it waits to see
        await SayAsync(cluster, made, new() { Attached = true });
        await Says(cluster, "SuccessfulAttachVolume", "AttachVolume.Attach succeeded for volume \"v\" ");
        await cluster.Sees<Node>("", "the volume among those attached", all => all.Single().Status.VolumesAttached is [{ Name: UniqueName, DevicePath: "" }]);

        await cluster.Admin.DeleteAsync<Pod>("default", "p", new DeleteOptions { GracePeriodSeconds = 0 }, Ct);
        await cluster.Sees<Pod>("default", "no pod", all => all.Count == 0);
        await cluster.Sees<VolumeAttachment>("", "the attachment while it is mounted", all => all is [{ Metadata.DeletionTimestamp: null }]);
        await UseAsync(cluster, []);
        await cluster.Sees<VolumeAttachment>("", "no attachment", all => all.Count == 0);
        await cluster.Sees<Node>("", "no volume", all => all.Single().Status.VolumesAttached.Count == 0);
    }

    [Fact]
    public async Task A_volume_of_one_node_is_not_attached_to_another_until_it_is_free()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "other" } }, Ct);
        await AddVolumeAsync(cluster);
        await AddPodAsync(cluster, "p", PodRunner.NodeName);
        await cluster.Sees<VolumeAttachment>("", "the attachment", all => all.Count == 1);
        await AddPodAsync(cluster, "q", "other");
        await Says(cluster, "FailedAttachVolume", "Multi-Attach error for volume \"v\" Volume is already used by pod(s) p");
        await cluster.Admin.DeleteAsync<Pod>("default", "p", new DeleteOptions { GracePeriodSeconds = 0 }, Ct);
        await cluster.Sees<VolumeAttachment>("", "the attachment to the other node", all => all is [{ Spec.NodeName: "other" }]);
    }

    [Fact]
    public async Task A_driver_without_attaching_gets_no_attachment()
    {
        await using var cluster = await TestCluster.StartAsync();
        await AddVolumeAsync(cluster);
        await AddPodAsync(cluster, "p", PodRunner.NodeName);
        await cluster.Sees<VolumeAttachment>("", "the attachment of a driver that has not said", all => all.Count == 1);
        await cluster.Admin.CreateAsync(new CSIDriver { Metadata = new ObjectMeta { Name = "d.test" }, Spec = new() { AttachRequired = false } }, Ct);
        await cluster.Sees<VolumeAttachment>("", "no attachment any more", all => all.Count == 0); // so the controller knows the driver
        await AddPodAsync(cluster, "q", PodRunner.NodeName);
        await cluster.Sees<Pod>("default", "pods that run", all => all.Count == 2 && all.All(p => p.Status.Phase == "Running"));
        Assert.Empty((await cluster.Admin.ListAsync<VolumeAttachment>("", null, Ct)).Items);
    }

    private static async Task AddVolumeAsync(TestCluster cluster)
    {
        var size = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") };
        await cluster.Admin.CreateAsync(
            new PersistentVolume
            {
                Metadata = new ObjectMeta { Name = "v" },
                Spec = new() { Capacity = size, AccessModes = ["ReadWriteOnce"], CSI = new() { Driver = "d.test", VolumeHandle = "handle-v" }, ClaimRef = new() { Namespace = "default", Name = "c" } },
            },
            Ct);
        await cluster.Admin.CreateAsync(
            new PersistentVolumeClaim
            {
                Metadata = new ObjectMeta { Name = "c", Namespace = "default" },
                Spec = new() { AccessModes = ["ReadWriteOnce"], StorageClassName = "", VolumeName = "v", Resources = new() { Requests = size } },
            },
            Ct);
        await cluster.Sees<PersistentVolumeClaim>("default", "the claim bound", all => all is [{ Status.Phase: "Bound" }]);
    }

    private static Task<Pod> AddPodAsync(TestCluster cluster, string name, string node) => cluster.Admin.CreateAsync(
        new Pod
        {
            Metadata = new ObjectMeta { Name = name, Namespace = "default" },
            Spec = new()
            {
                NodeName = node,
                Containers = [new Container { Name = "c", Image = "i" }],
                Volumes = [new Volume { Name = "v", PersistentVolumeClaim = new() { ClaimName = "c" } }],
            },
        },
        Ct);

    private static async Task SayAsync(TestCluster cluster, VolumeAttachment made, VolumeAttachmentStatus status) =>
        await cluster.Admin.UpdateStatusAsync((await cluster.Admin.GetAsync<VolumeAttachment>("", made.Metadata.Name, Ct)) with { Status = status }, Ct);

    private static async Task UseAsync(TestCluster cluster, string[] volumes)
    {
        var node = await cluster.Admin.GetAsync<Node>("", PodRunner.NodeName, Ct);
        await cluster.Admin.PatchAsync<Node>("", PodRunner.NodeName, Patch.Between(node, node with { Status = node.Status with { VolumesInUse = volumes } })!, "status", Ct);
    }

    private static Task<IReadOnlyList<Event>> Says(TestCluster cluster, string reason, string message) =>
        cluster.Sees<Event>("default", $"{reason}: {message}", all => all.Any(e => e.Reason == reason && e.Message == message));
}
