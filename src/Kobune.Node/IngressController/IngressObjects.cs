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
internal sealed class IngressObjects(IClient admin, string nodeName, IReadOnlyList<IPAddress> nodes, ILogger logger)
{
    private readonly AddonObjects _objects = new(admin);

    public async Task EnsureAsync(CancellationToken ct)
    {
        await _objects.CreateAsync(IngressManifest.OwnNamespace, ct);
        await _objects.CreateAsync(IngressManifest.ServiceAccount, ct);
        await _objects.CreateAsync(IngressManifest.Role, ct);
        await _objects.CreateAsync(IngressManifest.Binding, ct);
        await _objects.CreateAsync(IngressManifest.Settings, ct);
        await _objects.CreateAsync(IngressManifest.Service, ct);
        foreach (var node in nodes)
        {
            await _objects.CreateAsync(IngressManifest.Slice(nodeName, node), ct);
        }

        await _objects.CreateAsync(IngressManifest.Class, ct);
    }

    public async Task RemoveAsync(CancellationToken ct)
    {
        await IngressComponent.ClearStatusAsync(admin, nodes, logger, ct);
        await _objects.DeleteAsync<IngressClass>("", IngressManifest.ClassName, ct);
        await _objects.DeleteAsync<ClusterRoleBinding>("", IngressManifest.Namespace, ct);
        await _objects.DeleteAsync<ClusterRole>("", IngressManifest.Namespace, ct);
        await _objects.DeleteAsync<Namespace>("", IngressManifest.Namespace, ct); // with everything in it
    }
}
