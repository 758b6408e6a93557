using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Testing.Tests.Metrics;

/// <summary>Events say who speaks with upstream's names, which are not always those of the controllers.</summary>
public sealed class EventSourceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Components_are_named_as_upstream_names_them()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        var room = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") };
        await cluster.CreateAsync(new PersistentVolumeClaim { Metadata = new() { Name = "c", Namespace = "default" }, Spec = new() { AccessModes = ["ReadWriteOnce"], StorageClassName = "none", Resources = new() { Requests = room } } });
        await cluster.CreateAsync(new Pod { Metadata = new() { Name = "p", Namespace = "default" }, Spec = new() { Containers = [new() { Name = "c", Image = "i" }] } });
        await cluster.PassAsync(5);
        var node = await cluster.Client.GetAsync<Node>("", "node-0", Ct);
        await cluster.Client.UpdateAsync(node with { Spec = node.Spec with { Taints = [new() { Key = "k", Effect = "NoExecute" }] } }, Ct);
        await cluster.PassAsync(5);
        var events = (await cluster.Client.ListAsync<Event>("default", null, Ct)).Items.Select(e => $"{e.Reason} {e.Source.Component}").Distinct().ToList();
        Assert.Contains("ProvisioningFailed persistentvolume-controller", events);
        Assert.Contains("TaintManagerEviction taint-eviction-controller", events);
        Assert.Contains("RegisteredNode node-controller", events);
    }
}
