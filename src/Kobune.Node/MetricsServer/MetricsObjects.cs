using System.Net;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Rbac.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Node.IngressController;

namespace Kobune.Node.MetricsServer;

/// <summary>
/// Keeps the APIService, the Service and the slice that lead to the metrics server of the node process. A user's own metrics-server comes first: where the APIService
/// leads elsewhere, or the Service has a selector, ours steps back and returns when theirs is gone.
/// </summary>
internal sealed class MetricsObjects(IClient admin, string nodeName, IPAddress address)
{
    private readonly AddonObjects _objects = new(admin);

    /// <summary>What the server needs before it runs: its account and roles.</summary>
    public async Task EnsureRolesAsync(CancellationToken ct)
    {
        await _objects.CreateAsync(MetricsManifest.ServiceAccount, ct);
        await _objects.CreateAsync(MetricsManifest.ReaderRole, ct);
        await _objects.CreateAsync(MetricsManifest.OwnRole, ct);
        await _objects.CreateAsync(MetricsManifest.OwnBinding, ct);
        await _objects.CreateAsync(MetricsManifest.AuthDelegatorBinding, ct);
        await _objects.CreateAsync(MetricsManifest.AuthReaderBinding, ct);
    }

    /// <summary>Follows the objects until cancelled.</summary>
    public async Task KeepAsync(InformerFactory informers, int port, CancellationToken ct)
    {
        using var wake = new SemaphoreSlim(1);
        var apis = informers.For<APIService>(fieldSelector: "metadata.name=" + MetricsManifest.ApiServiceName);
        var services = informers.For<Service>(MetricsManifest.Namespace, fieldSelector: "metadata.name=" + MetricsManifest.Name);
        var slices = informers.For<EndpointSlice>(MetricsManifest.Namespace, labelSelector: "kubernetes.io/service-name=" + MetricsManifest.Name);
        using var first = apis.Subscribe(_ => wake.Release());
        using var second = services.Subscribe(_ => wake.Release());
        using var third = slices.Subscribe(_ => wake.Release());
        await Task.WhenAll(apis.Synced, services.Synced, slices.Synced).WaitAsync(ct);
        while (true)
        {
            await wake.WaitAsync(ct);
            while (wake.Wait(0, CancellationToken.None))
            {
                // one pass serves all changes so far
            }

            await PassAsync(
                apis.Cache.Find("", MetricsManifest.ApiServiceName),
                services.Cache.Find(MetricsManifest.Namespace, MetricsManifest.Name),
                slices.Cache.Find(MetricsManifest.Namespace, MetricsManifest.SliceName),
                port,
                ct);
        }
    }

    /// <summary>Takes away what is ours; a Service and an APIService that a user's server uses stay.</summary>
    public async Task RemoveAsync(CancellationToken ct)
    {
        await _objects.DeleteAsync<EndpointSlice>(MetricsManifest.Namespace, MetricsManifest.SliceName, ct);
        if (!IsUsersOwn(await admin.FindAsync<APIService>("", MetricsManifest.ApiServiceName, ct), await admin.FindAsync<Service>(MetricsManifest.Namespace, MetricsManifest.Name, ct)))
        {
            await _objects.DeleteAsync<APIService>("", MetricsManifest.ApiServiceName, ct);
            await _objects.DeleteAsync<Service>(MetricsManifest.Namespace, MetricsManifest.Name, ct);
            await _objects.DeleteAsync<RoleBinding>(MetricsManifest.Namespace, MetricsManifest.AuthReader, ct);
            await _objects.DeleteAsync<ClusterRoleBinding>("", MetricsManifest.AuthDelegator, ct);
            await _objects.DeleteAsync<ClusterRoleBinding>("", MetricsManifest.Role, ct);
            await _objects.DeleteAsync<ClusterRole>("", MetricsManifest.Role, ct);
            await _objects.DeleteAsync<ClusterRole>("", MetricsManifest.Reader, ct);
            await _objects.DeleteAsync<ServiceAccount>(MetricsManifest.Namespace, MetricsManifest.Name, ct);
        }
    }

    /// <summary>Whether somebody else serves metrics.k8s.io.</summary>
    internal static bool IsUsersOwn(APIService? api, Service? service) =>
        api is { Spec.Service: not { Name: MetricsManifest.Name, Namespace: MetricsManifest.Namespace } } || service is { Spec.Selector.Count: > 0 };

    private async Task PassAsync(APIService? api, Service? service, EndpointSlice? slice, int port, CancellationToken ct)
    {
        try
        {
            if (IsUsersOwn(api, service))
            {
                await _objects.DeleteAsync<EndpointSlice>(MetricsManifest.Namespace, MetricsManifest.SliceName, ct);
                return;
            }

            var wanted = MetricsManifest.Slice(nodeName, address, port);
            if (slice is null)
            {
                await admin.CreateAsync(wanted, ct);
            }
            else if (!slice.Endpoints.SequenceEqual(wanted.Endpoints) || !slice.Ports.SequenceEqual(wanted.Ports))
            {
                await admin.UpdateAsync(slice with { Endpoints = wanted.Endpoints, Ports = wanted.Ports }, ct);
            }

            if (service is null)
            {
                await admin.CreateAsync(MetricsManifest.Service, ct);
            }

            if (api is null)
            {
                await admin.CreateAsync(MetricsManifest.ApiService, ct);
            }
        }
        catch (ApiException e) when (e.IsAlreadyExists || e.IsConflict || e.IsNotFound)
        {
            // somebody was quicker: the informers bring it, and the next pass looks again
        }
    }
}
