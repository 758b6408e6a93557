using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Testing.Tests;

public sealed class SideBySideTests
{
    private const int Clusters = 50;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_clusters_run_side_by_side_each_on_its_own_clock()
    {
        var clusters = new TestCluster?[Clusters];
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Clusters), Ct, async (i, ct) => clusters[i] = await TestCluster.StartAsync(new() { FakeTime = true, Seed = i }, ct));
            await Parallel.ForEachAsync(Enumerable.Range(0, Clusters), Ct, async (i, ct) =>
            {
                var cluster = clusters[i]!;
                await cluster.Client.CreateAsync(Manifests.Deployment("web", 1 + (i % 3)), ct);
                await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(i % 5), ct);
            });
            for (var i = 0; i < Clusters; i++)
            {
                var cluster = clusters[i]!;
                Assert.Equal(1 + (i % 3), (await cluster.Client.GetAsync<Deployment>("default", "web", Ct)).Status.AvailableReplicas);
                Assert.Equal(1 + (i % 3), (await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items.Count);
                Assert.Equal(new TestClusterOptions().StartTime.AddMinutes(i % 5), cluster.Time.GetUtcNow());
                Assert.Empty(cluster.DeniedRequests);
                Assert.Empty(cluster.Strays);
            }
        }
        finally
        {
            foreach (var cluster in clusters)
            {
                await (cluster?.DisposeAsync() ?? default);
            }
        }
    }
}
