using System.Net;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Networking.V1;
using Kobune.Api.Rbac.V1;
using Kobune.Client;
using Kobune.Ingress;
using Microsoft.Extensions.Logging;
using IPAddress = System.Net.IPAddress;

namespace Kobune.Node.IngressController;

/// <summary>Makes the objects of <see cref="IngressManifest"/> and takes them away. What is there already, a user's own included, is left as it is.</summary>
/// <param name="admin">The administrator's client: who makes roles must have what they give.</param>
internal sealed class IngressObjects(IClient admin, string nodeName, IPAddress node, ILogger logger)
{
    public async Task EnsureAsync(CancellationToken ct)
    {
        await CreateAsync(IngressManifest.OwnNamespace, ct);
        await CreateAsync(IngressManifest.ServiceAccount, ct);
        await CreateAsync(IngressManifest.Role, ct);
        await CreateAsync(IngressManifest.Binding, ct);
        await CreateAsync(IngressManifest.Settings, ct);
        await CreateAsync(IngressManifest.Service, ct);
        await CreateAsync(IngressManifest.Slice(nodeName, node), ct);
        await CreateAsync(IngressManifest.Class, ct);
    }

    public async Task RemoveAsync(CancellationToken ct)
    {
        await IngressComponent.ClearStatusAsync(admin, [node], logger, ct);
        await DeleteAsync<IngressClass>(IngressManifest.ClassName, ct);
        await DeleteAsync<ClusterRoleBinding>(IngressManifest.Namespace, ct);
        await DeleteAsync<ClusterRole>(IngressManifest.Namespace, ct);
        await DeleteAsync<Namespace>(IngressManifest.Namespace, ct); // with everything in it
    }

    private async Task CreateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            await admin.CreateAsync(obj, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // from an earlier start
        }
    }

    private async Task DeleteAsync<T>(string name, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            var found = await admin.GetAsync<T>("", name, ct);
            if (found.Metadata.Labels.GetValueOrDefault(IngressManifest.ManagedBy) == IngressManifest.Manager && found.Metadata.DeletionTimestamp is null)
            {
                await admin.DeleteAsync<T>("", name, null, ct);
            }
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // gone already
        }
    }
}
