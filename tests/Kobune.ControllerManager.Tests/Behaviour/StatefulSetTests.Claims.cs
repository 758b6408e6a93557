using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Tests.Behaviour;

public sealed partial class StatefulSetTests
{
    [Fact]
    public async Task Claims_go_with_pods_that_are_too_many_and_with_the_set_where_that_is_wanted()
    {
        await CreateAsync(2, claims: ["data"], change: s => s with { PersistentVolumeClaimRetentionPolicy = new() { WhenDeleted = "Delete", WhenScaled = "Delete" } });
        await Settled(2);
        var claims = await _cluster.Sees<PersistentVolumeClaim>("default", "two claims of the set", all => all.Count == 2 && all.All(c => c.ControllerRef()?.Kind == "StatefulSet"));
        Assert.All(claims, c => Assert.Equal("web", c.Metadata.Labels["app"]));
        await PatchAsync(s => s with { Replicas = 1 });
        await _cluster.Sees<PersistentVolumeClaim>("default", "one claim", all => all.Count == 1 && all[0].Metadata.Name == "data-web-0");
        await _cluster.Admin.DeleteAsync<StatefulSet>("default", "web", new DeleteOptions { PropagationPolicy = DeletionPropagation.Background }, Ct);
        await _cluster.Sees<PersistentVolumeClaim>("default", "no claim", all => all.Count == 0);
        await Pods("");
        await _cluster.Sees<ControllerRevision>("default", "no revision", all => all.Count == 0);
    }

    [Fact]
    public async Task A_pod_that_comes_back_waits_for_the_end_of_the_claim_that_went_with_the_one_before()
    {
        await CreateAsync(2, claims: ["data"], change: s => s with { PersistentVolumeClaimRetentionPolicy = new() { WhenDeleted = "Retain", WhenScaled = "Delete" } });
        await Settled(2);
        var old = await _cluster.Admin.GetAsync<PersistentVolumeClaim>("default", "data-web-1", Ct);
        await PatchAsync(s => s with { Replicas = 1 });
        await Pods("web-0");
        await PatchAsync(s => s with { Replicas = 2 });
        await Settled(2);
        await _cluster.Sees<PersistentVolumeClaim>("default", "a new claim", all => all.Count == 2 && all.Any(c => c.Metadata.Name == "data-web-1" && c.Metadata.Uid != old.Metadata.Uid && !c.IsDeleting()));
    }

    [Fact]
    public async Task A_waiting_pod_gets_a_claim_again_that_somebody_deleted()
    {
        await CreateAsync(1, claims: ["data"], change: s => s with { Template = Held(s.Template) });
        await Pods("web-0");
        var old = Assert.Single(await _cluster.Sees<PersistentVolumeClaim>("default", "the claim", all => all.Count == 1 && all[0].Metadata.Finalizers.Count > 0));
        await _cluster.Admin.DeleteAsync<PersistentVolumeClaim>("default", "data-web-0", null, Ct);
        var free = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = old.Metadata.Uid, ["finalizers"] = null } };
        try
        {
            await _cluster.Admin.PatchAsync<PersistentVolumeClaim>("default", "data-web-0", Patch.Merge(free), null, Ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict || e.IsInvalid)
        {
            // Its protection let it go by itself.
        }

        await _cluster.Sees<PersistentVolumeClaim>("default", "a new claim", all => all.Count == 1 && all[0].Metadata.Uid != old.Metadata.Uid);
    }

    [Fact]
    public async Task A_claim_with_another_controller_is_left_to_it()
    {
        var owner = await _cluster.Admin.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Namespace = "default", Name = "backup" } }, Ct);
        var reference = new OwnerReference { APIVersion = "v1", Kind = "ConfigMap", Name = "backup", Uid = owner.Metadata.Uid, Controller = true };
        await _cluster.Admin.CreateAsync(Claim("data") with { Metadata = new ObjectMeta { Namespace = "default", Name = "data-web-0", OwnerReferences = [reference] } }, Ct);
        await _cluster.Sees<PersistentVolumeClaim>("default", "the claim", all => all.Count == 1);
        await CreateAsync(1, claims: ["data"], change: s => s with { PersistentVolumeClaimRetentionPolicy = new() { WhenDeleted = "Delete", WhenScaled = "Retain" } });
        await Settled(1);
        await SeesEvent("Warning", "ConflictingController", "PersistentVolumeClaim data-web-0 has a conflicting OwnerReference that acts as a managing controller, the retention policy is ignored for this claim");
        Assert.Equal("ConfigMap", Assert.Single((await _cluster.Admin.GetAsync<PersistentVolumeClaim>("default", "data-web-0", Ct)).Metadata.OwnerReferences).Kind);
    }
}
