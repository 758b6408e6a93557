using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.StatefulSets;
using static Kobune.ControllerManager.Tests.StatefulSets.Stateful;

namespace Kobune.ControllerManager.Tests.StatefulSets;

public class StatefulClaimsTests
{
    private static OwnerReference ByPod(string uid = "uid-web-1", bool controls = true) => new() { APIVersion = "v1", Kind = "Pod", Name = "web-1", Uid = uid, Controller = controls, BlockOwnerDeletion = true };

    private static OwnerReference BySet(string uid = "uid-web", bool controls = true) => new() { APIVersion = "apps/v1", Kind = "StatefulSet", Name = "web", Uid = uid, Controller = controls, BlockOwnerDeletion = true };

    private static OwnerReference ByOther(bool controls) => new() { APIVersion = "example.com/v1", Kind = "Backup", Name = "b", Uid = "uid-b", Controller = controls };

    [Theory]
    [InlineData("Retain", "Retain", 2, "")]
    [InlineData("Retain", "Retain", 1, "")]
    [InlineData("Delete", "Retain", 2, "StatefulSet")]
    [InlineData("Delete", "Retain", 1, "StatefulSet")]
    [InlineData("Retain", "Delete", 2, "")]
    [InlineData("Retain", "Delete", 1, "Pod")]
    [InlineData("Delete", "Delete", 2, "StatefulSet")]
    [InlineData("Delete", "Delete", 1, "Pod")]
    public void The_retention_policy_says_who_owns_a_claim(string whenDeleted, string whenScaled, int replicas, string owner)
    {
        var set = Set(replicas, whenDeleted: whenDeleted, whenScaled: whenScaled, claims: "data");
        var pod = PodsOf(set, "1")[0];
        foreach (var before in new[] { Claim("data-web-1"), Claim("data-web-1", BySet()), Claim("data-web-1", ByPod()), Claim("data-web-1", ByPod("uid-before")), Claim("data-web-1", BySet(controls: false)) })
        {
            var after = StatefulClaims.WithOwners(before, set, pod);
            Assert.Equal(owner, string.Join(' ', after.Metadata.OwnerReferences.Select(o => o.Kind)));
            Assert.All(after.Metadata.OwnerReferences, o => Assert.Equal((true, true), (o.Controller, o.BlockOwnerDeletion)));
            Assert.True(StatefulClaims.AreOwnersRight(after, set, pod));
            Assert.Equal(before.Equals(after), StatefulClaims.AreOwnersRight(before, set, pod));
        }
    }

    [Fact]
    public void Another_controller_keeps_its_claim_and_other_owners_stay()
    {
        var set = Set(2, whenDeleted: "Delete", claims: "data");
        var pod = PodsOf(set, "1")[0];
        Assert.True(StatefulClaims.HasOtherController(Claim("data-web-1", ByOther(true)), set, pod));
        Assert.True(StatefulClaims.AreOwnersRight(Claim("data-web-1", ByOther(true)), set, pod));
        Assert.False(StatefulClaims.AreOwnersRight(Claim("data-web-1", ByOther(true), BySet(controls: false)), set, pod));
        Assert.Equal("Backup", Assert.Single(StatefulClaims.WithOwners(Claim("data-web-1", ByOther(true), BySet()), set, pod).Metadata.OwnerReferences).Kind);
        Assert.Equal(["Backup", "StatefulSet"], StatefulClaims.WithOwners(Claim("data-web-1", ByOther(false)), set, pod).Metadata.OwnerReferences.Select(o => o.Kind));
    }

    [Fact]
    public void A_claim_is_its_template_with_the_labels_of_the_selector()
    {
        var set = Set(2, claims: "data");
        set = set with { Spec = set.Spec with { VolumeClaimTemplates = [new PersistentVolumeClaim { Metadata = new ObjectMeta { Name = "data", Labels = new Dictionary<string, string> { ["app"] = "x", ["tier"] = "db" }, Annotations = new Dictionary<string, string> { ["a"] = "b" } }, Spec = new() { StorageClassName = "fast" } }] } };
        var claim = Assert.Single(StatefulClaims.Make(set, PodsOf(set, "1")[0]));
        Assert.Equal(("default", "data-web-1", "fast", "b"), (claim.Metadata.Namespace, claim.Metadata.Name, claim.Spec.StorageClassName, claim.Metadata.Annotations["a"]));
        Assert.Equal([("app", "web"), ("tier", "db")], claim.Metadata.Labels.Select(l => (l.Key, l.Value)).Order());
    }
}
