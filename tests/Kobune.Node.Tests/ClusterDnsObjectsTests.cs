using System.Net;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client.Informers;
using Kobune.Node.ClusterDns;
using Kobune.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Node.Tests;

/// <summary>The Service and the slice of the cluster DNS on a real API server, seen through caches that have not seen anything yet.</summary>
public sealed class ClusterDnsObjectsTests
{
    private static readonly IPAddress Address = IPAddress.Parse("10.96.0.10");

    [Fact]
    public async Task A_cache_that_has_not_seen_the_service_yet_is_no_reason_to_make_it_again()
    {
        await using var cluster = await TestCluster.StartAsync();
        var blind = new InformerFactory(cluster.Client, TimeProvider.System, NullLoggerFactory.Instance); // never started
        var objects = new ClusterDnsObjects(cluster.Client, blind, [Address], [new(IPAddress.Parse("192.168.49.2"), 10053)], new());
        var (services, slices) = (blind.For<Service>().Cache, blind.For<EndpointSlice>().Cache);

        await objects.EnsureAsync(services, slices, default);
        await objects.EnsureAsync(services, slices, default);

        Assert.Equal(Address.ToString(), (await cluster.Client.GetAsync<Service>("kube-system", "kube-dns", default)).Spec.ClusterIP);
        Assert.Single((await cluster.Client.ListAsync<EndpointSlice>("kube-system", null, default)).Items);
    }
}
