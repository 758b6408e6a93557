using System.Net;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.Node.ClusterDns;

/// <summary>
/// Keeps kube-system/kube-dns and its EndpointSlices true: the cluster DNS runs in the node process, not in pods, but tools look for the Service and
/// the proxy needs the slice. A Service with a selector is a user's own DNS: it is left alone, and so is its slice.
/// </summary>
/// <param name="client">Client of an identity that may write Services and EndpointSlices in kube-system.</param>
/// <param name="informers">Informers of the same identity.</param>
/// <param name="serviceAddresses">The cluster IP that pods have in resolv.conf, 10.96.0.10, and in a dual-stack cluster one of IPv6.</param>
/// <param name="servers">Where the DNS listens: the node's addresses, one of each family, and port 10053.</param>
/// <param name="corefile">The ConfigMap by which users set stub domains and hosts; made once, and theirs from then on.</param>
public sealed class ClusterDnsObjects(IClient client, InformerFactory informers, IReadOnlyList<IPAddress> serviceAddresses, IReadOnlyList<IPEndPoint> servers, ConfigMap corefile) : IComponent
{
    internal const string Namespace = "kube-system";
    internal const string ServiceName = "kube-dns";
    internal const string SliceName = "kube-dns-kobune";
    internal const string SliceNameV6 = "kube-dns-kobune-ipv6";

    /// <inheritdoc/>
    public string Name => "kube-dns-objects";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        await CreateCorefileAsync(ct);
        using var wake = new SemaphoreSlim(1);
        var services = informers.For<Service>(Namespace, fieldSelector: "metadata.name=" + ServiceName);
        var slices = informers.For<EndpointSlice>(Namespace, labelSelector: "kubernetes.io/service-name=" + ServiceName);
        using var first = services.Subscribe(_ => wake.Release());
        using var second = slices.Subscribe(_ => wake.Release());
        await Task.WhenAll(services.Synced, slices.Synced).WaitAsync(ct);
        while (true)
        {
            await wake.WaitAsync(ct);
            while (wake.Wait(0, CancellationToken.None))
            {
                // one pass serves all changes so far
            }

            await EnsureAsync(services.Cache, slices.Cache, ct);
        }
    }

    private async Task CreateCorefileAsync(CancellationToken ct)
    {
        try
        {
            await client.CreateAsync(corefile, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // from an earlier start, perhaps changed since
        }
    }

    internal async Task EnsureAsync(ICache<Service> services, ICache<EndpointSlice> slices, CancellationToken ct)
    {
        var service = services.Find(Namespace, ServiceName) ?? await StoredServiceAsync(ct);
        if (service is { Spec.Selector.Count: > 0 })
        {
            return;
        }

        try
        {
            if (service is null)
            {
                await client.CreateAsync(ClusterDnsManifest.Service(serviceAddresses), ct);
            }

            foreach (var wanted in servers.Select(ClusterDnsManifest.Slice))
            {
                await EnsureAsync(slices.Find(Namespace, wanted.Metadata.Name), wanted, ct);
            }
        }
        catch (ApiException e) when (e.IsAlreadyExists || e.IsConflict)
        {
            // somebody was quicker: the informers bring it, and the next pass looks again
        }
    }

    /// <summary>The cache may not have seen the Service that was made a moment ago; a second one would be refused for its address, as one whose address another Service has.</summary>
    private Task<Service?> StoredServiceAsync(CancellationToken ct) => client.FindAsync<Service>(Namespace, ServiceName, ct);

    private async Task EnsureAsync(EndpointSlice? slice, EndpointSlice wanted, CancellationToken ct)
    {
        if (slice is null)
        {
            await client.CreateAsync(wanted, ct);
        }
        else if (!slice.Endpoints.SequenceEqual(wanted.Endpoints) || !slice.Ports.SequenceEqual(wanted.Ports))
        {
            await client.UpdateAsync(slice with { Endpoints = wanted.Endpoints, Ports = wanted.Ports }, ct);
        }
    }
}
