using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Storage.V1;
using Kobune.ControllerManager.StorageProtection;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Attributes classes stay while claims or volumes use them.</summary>
public class ClassProtectionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_class_goes_at_once_when_nobody_uses_it_and_after_its_claim_when_one_does()
    {
        await using var cluster = await TestCluster.StartAsync();
        foreach (var name in new[] { "free", "used" })
        {
            var made = await cluster.Admin.CreateAsync(new VolumeAttributesClass { Metadata = new ObjectMeta { Name = name }, DriverName = "example.test/d", Parameters = new Dictionary<string, string> { ["iops"] = "1" } }, Ct);
            Assert.Equal(["kubernetes.io/vac-protection"], made.Metadata.Finalizers);
        }

        await cluster.Admin.CreateAsync(
            new PersistentVolumeClaim
            {
                Metadata = new ObjectMeta { Name = "c", Namespace = "default" },
                Spec = new()
                {
                    AccessModes = ["ReadWriteOnce"],
                    StorageClassName = "none",
                    VolumeAttributesClassName = "used",
                    Resources = new() { Requests = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") } },
                },
            },
            Ct);
        await cluster.Admin.DeleteAsync<VolumeAttributesClass>("", "used", null, Ct);
        await cluster.Admin.DeleteAsync<VolumeAttributesClass>("", "free", null, Ct);
        var left = Assert.Single(await cluster.Sees<VolumeAttributesClass>("", "the class that is used alone", all => all is [{ Metadata: { Name: "used", DeletionTimestamp: not null } }]));
        Assert.Equal(["kubernetes.io/vac-protection"], left.Metadata.Finalizers);
        await cluster.Admin.DeleteAsync<PersistentVolumeClaim>("default", "c", null, Ct);
        await cluster.Sees<VolumeAttributesClass>("", "no class", all => all.Count == 0);
    }

    [Fact]
    public void A_claim_uses_the_class_it_has_the_one_it_wants_and_the_one_it_is_changed_to()
    {
        var claim = new PersistentVolumeClaim
        {
            Spec = new() { VolumeAttributesClassName = "wanted" },
            Status = new() { CurrentVolumeAttributesClassName = "has", ModifyVolumeStatus = new() { TargetVolumeAttributesClassName = "wanted" } },
        };
        Assert.Equal(["wanted", "has"], ProtectionController.ClassesOf(claim));
        Assert.Empty(ProtectionController.ClassesOf(new PersistentVolumeClaim()));
        Assert.Equal(["v"], ProtectionController.ClassesOf(new PersistentVolume { Spec = new() { VolumeAttributesClassName = "v" } }));
    }
}
