using Kobune.Api.Core.V1;

namespace Kobune.Testing.Tests.Time;

/// <summary>Nodes that go down together are driven empty one after the other, and none when all are down.</summary>
public sealed class EvictionRateTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_nodes_that_fall_silent_are_tainted_ten_seconds_apart_and_spared_when_the_last_one_falls()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { FakeTime = true, Nodes = 3 }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(30), Ct);
        cluster.StopNode("node-0");
        cluster.StopNode("node-1");
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        var tainted = await TaintedAsync(cluster);
        Assert.Equal(["node-0", "node-1"], tainted.Keys.Order(StringComparer.Ordinal));
        Assert.True(Math.Abs((tainted["node-0"] - tainted["node-1"]).TotalSeconds) >= 9.9, $"{tainted["node-0"]:O} and {tainted["node-1"]:O}");

        cluster.StopNode("node-2");
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        Assert.Empty(await TaintedAsync(cluster));
    }

    private static async Task<Dictionary<string, DateTimeOffset>> TaintedAsync(TestCluster cluster) => (await cluster.Client.ListAsync<Node>("", null, Ct)).Items
        .Select(n => (n.Metadata.Name, Taint: n.Spec.Taints.FirstOrDefault(t => t is { Effect: "NoExecute", Key: "node.kubernetes.io/unreachable" })))
        .Where(n => n.Taint is not null)
        .ToDictionary(n => n.Name, n => n.Taint!.TimeAdded!.Value);
}
