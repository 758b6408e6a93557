using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.ControllerManager.Ownership;

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

    // The orphan has no label, so that the running controller leaves it alone.
    private static ReplicaSet Owner(IReadOnlyList<string> finalizers) => new()
    {
        Metadata = new() { Namespace = "default", Name = "rs", Finalizers = finalizers },
        Spec = new() { Replicas = 0, Selector = new() { MatchLabels = TestObjects.Web }, Template = TestObjects.Template("v1") },
    };
}
