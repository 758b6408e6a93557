using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.ControllerManager.GarbageCollector;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>The watch of a dependent's kind is behind that of its owner: it is seen only after the owner has gone without its dependents.</summary>
public sealed class LateDependentTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task It_is_freed_as_the_others_were(bool hasAnotherOwner, int left)
    {
        await using var cluster = await TestCluster.StartAsync(new() { Disabled = new HashSet<string> { "garbage-collector-controller" } });
        var deletes = new List<string>();
        var graph = new OwnerGraph(deletes.Add, _ => { });
        var kinds = new OwnerKinds();
        kinds.Replace([ConfigMap.Resource, Secret.Resource]);
        var remover = new DependentRemover(graph, kinds, new LiveObjects(new(cluster.Admin.Transport, TimeProvider.System)), new NoEvents(), deletes.Add, () => { });

        var owner = await cluster.Admin.CreateAsync(new ConfigMap { Metadata = new() { Namespace = "default", Name = "owner" } }, Ct);
        var other = await cluster.Admin.CreateAsync(new ConfigMap { Metadata = new() { Namespace = "default", Name = "other" } }, Ct);
        OwnerReference[] owners = [Reference(owner), .. hasAnotherOwner ? [Reference(other)] : Array.Empty<OwnerReference>()];
        var dependent = await cluster.Admin.CreateAsync(new Secret { Metadata = new() { Namespace = "default", Name = "late", OwnerReferences = owners } }, Ct);
        await cluster.Admin.DeleteAsync<ConfigMap>("default", "owner", new DeleteOptions { PropagationPolicy = DeletionPropagation.Orphan }, Ct);
        graph.Set(ConfigMap.Resource, (await cluster.Admin.GetAsync<ConfigMap>("default", "owner", Ct)).Metadata, kinds.Find);
        await remover.OrphanAsync(owner.Metadata.Uid, Ct);
        Assert.True((await Assert.ThrowsAsync<ApiException>(() => cluster.Admin.GetAsync<ConfigMap>("default", "owner", Ct))).IsNotFound);
        graph.Remove(owner.Metadata.Uid);

        graph.Set(Secret.Resource, dependent.Metadata, kinds.Find);
        Assert.False(await remover.DeleteAsync(dependent.Metadata.Uid, Ct));
        Assert.Equal(left, (await cluster.Admin.GetAsync<Secret>("default", "late", Ct)).Metadata.OwnerReferences.Count);
    }

    [Theory]
    [InlineData("owner", -1, true)]
    [InlineData("owner", 0, true)]
    [InlineData("owner", 1, false)] // created by a controller that had not heard of the deletion
    [InlineData("another", -1, false)]
    public void What_came_after_the_deletion_is_not_freed(string owner, int seconds, bool isFreed)
    {
        var freed = new FreedOwners();
        freed.Add("owner", Noon);
        Assert.Equal(isFreed, freed.Frees(owner, Noon.AddSeconds(seconds)));
    }

    [Fact]
    public void Only_the_last_owners_are_remembered()
    {
        var freed = new FreedOwners();
        Enumerable.Range(0, 501).ToList().ForEach(i => freed.Add($"{i}", Noon));
        Assert.False(freed.Frees("0", Noon));
        Assert.True(freed.Frees("1", Noon));
        Assert.True(freed.Frees("500", Noon));
    }

    private static OwnerReference Reference(ConfigMap owner) => new() { APIVersion = "v1", Kind = "ConfigMap", Name = owner.Metadata.Name, Uid = owner.Metadata.Uid };

    private sealed class NoEvents : IEventRecorder
    {
        public void Record(ObjectReference involved, string type, string reason, string message)
        {
        }
    }
}
