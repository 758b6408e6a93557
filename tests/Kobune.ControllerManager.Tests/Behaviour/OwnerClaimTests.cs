using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.ControllerManager.Ownership;
using Kobune.Tests;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>An owner that a cache still shows alive meets the orphan that its deletion has let go.</summary>
public class OwnerClaimTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("deleting", "can't adopt Pod default/p (POD): default/rs has just been deleted at ")]
    [InlineData("gone", "can't adopt Pod default/p (POD): can't recheck DeletionTimestamp: replicasets.apps \"rs\" not found")]
    [InlineData("anew", "can't adopt Pod default/p (POD): can't recheck DeletionTimestamp: original ReplicaSet default/rs is gone: got uid NEW, wanted OLD")]
    public async Task An_owner_that_is_no_longer_alive_looks_again_instead_of_going_on_without_its_pod(string fate, string expected)
    {
        await using var cluster = await TestCluster.StartAsync();
        var orphan = await cluster.Admin.CreateAsync(new Pod { Metadata = new() { Namespace = "default", Name = "p" }, Spec = TestObjects.Template("v1").Spec }, Ct);
        var stale = await cluster.Admin.CreateAsync(Owner(fate == "deleting" ? ["example.test/stays"] : []), Ct);
        await cluster.Admin.DeleteAsync<ReplicaSet>("default", "rs", null, Ct);
        var anew = fate == "anew" ? (await cluster.Admin.CreateAsync(Owner([]), Ct)).Metadata.Uid : "";

        var lost = await Assert.ThrowsAsync<ApiException>(() => OwnerClaim.ClaimAsync(cluster.Admin, stale, _ => true, [orphan], null, Ct));
        Assert.True(lost.IsConflict);
        Assert.StartsWith(expected.Replace("POD", orphan.Metadata.Uid).Replace("NEW", anew).Replace("OLD", stale.Metadata.Uid), lost.Message, StringComparison.Ordinal);
        Assert.Empty((await cluster.Admin.GetAsync<Pod>("default", "p", Ct)).Metadata.OwnerReferences);
    }

    [Theory]
    [InlineData("freed", "Secret default/s (UID) of a former owner has changed")]
    [InlineData("collected", "Secret default/s (UID) of a former owner has changed")]
    [InlineData("kept", null)]
    public async Task An_owner_waits_while_its_cache_still_shows_what_the_former_owner_of_its_name_had(string fate, string? expected)
    {
        await using var cluster = await TestCluster.StartAsync(new() { Disabled = new HashSet<string> { "garbage-collector-controller", "replicaset-controller" } });
        var former = await cluster.Admin.CreateAsync(Owner([]), Ct);
        var reference = new OwnerReference { APIVersion = "apps/v1", Kind = "ReplicaSet", Name = "rs", Uid = former.Metadata.Uid, Controller = true };
        var shown = await cluster.Admin.CreateAsync(new Secret { Metadata = new() { Namespace = "default", Name = "s", OwnerReferences = [reference] } }, Ct);
        await cluster.Admin.DeleteAsync<ReplicaSet>("default", "rs", null, Ct);
        var owner = await cluster.Admin.CreateAsync(Owner([]), Ct);
        var cache = new ListCache<Secret>(shown);
        if (fate == "freed")
        {
            await cluster.Admin.PatchAsync<Secret>("default", "s", Patch.Merge(new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["ownerReferences"] = null } }), null, Ct);
        }
        else if (fate == "collected")
        {
            await cluster.Admin.DeleteAsync<Secret>("default", "s", null, Ct);
        }

        var claim = OwnerClaim.ClaimAsync(cluster.Admin, owner, _ => true, cache, null, Ct);
        if (expected is null)
        {
            Assert.Empty(await claim);
            return;
        }

        var lost = await Assert.ThrowsAsync<ApiException>(() => claim);
        Assert.True(lost.IsConflict);
        Assert.Equal(expected.Replace("UID", shown.Metadata.Uid), lost.Message);
    }

    // The orphan has no label, so that the running controller leaves it alone.
    private static ReplicaSet Owner(IReadOnlyList<string> finalizers) => new()
    {
        Metadata = new() { Namespace = "default", Name = "rs", Finalizers = finalizers },
        Spec = new() { Replicas = 0, Selector = new() { MatchLabels = TestObjects.Web }, Template = TestObjects.Template("v1") },
    };
}
