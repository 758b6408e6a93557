using System.Net;
using Kobune.Addons.Switching;
using Kobune.Api.Core.V1;
using Kobune.Api.Rbac.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControlPlane.InProcess;
using Kobune.Dns.Ingresses;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.IngressController;

/// <summary>The addon "ingress-dns": the hosts of Ingresses by DNS at port 53 of the first node, with minikube's names for its account and role.</summary>
internal static class IngressDnsAddon
{
    /// <summary>Its name.</summary>
    public const string Addon = "ingress-dns";

    private const string Account = "minikube-ingress-dns";
    private const string Namespace = "kube-system";
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = Account, [AddonObjects.ManagedBy] = AddonObjects.Manager };

    /// <param name="config">The node.</param>
    /// <param name="clients">Clients beside the API server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For the server.</param>
    /// <param name="listen">Null for the node's addresses and port 53.</param>
    public static AddonPart Part(NodeConfig config, IClientFactory clients, TimeProvider time, ILoggerFactory loggers, IPEndPoint? listen = null)
    {
        var objects = new AddonObjects(clients.For(InProcessClients.Administrator));
        var options = new IngressDnsOptions { Listen = listen is null ? [.. config.NodeIPs.Select(a => new IPEndPoint(a, 53))] : [listen], Addresses = config.NodeIPs };
        return new(Addon, _ => [new ComponentWithInformers(Addon, ct => EnsureAsync(objects, ct), clients.For($"system:serviceaccount:{Namespace}:{Account}"), (_, informers) => new IngressDnsComponent(options, informers, time, loggers), time, loggers)])
        {
            Remove = ct => RemoveAsync(objects, ct),
        };
    }

    private static async Task EnsureAsync(AddonObjects objects, CancellationToken ct)
    {
        await objects.CreateAsync(new ServiceAccount { Metadata = new() { Name = Account, Namespace = Namespace, Labels = Labels } }, ct);
        await objects.CreateAsync(
            new ClusterRole { Metadata = new() { Name = Account, Labels = Labels }, Rules = [new() { APIGroups = ["networking.k8s.io"], Resources = ["ingresses"], Verbs = ["get", "list", "watch"] }] }, ct);
        await objects.CreateAsync(
            new ClusterRoleBinding
            {
                Metadata = new() { Name = Account, Labels = Labels },
                RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = Account },
                Subjects = [new() { Kind = "ServiceAccount", Name = Account, Namespace = Namespace }],
            },
            ct);
    }

    private static async Task RemoveAsync(AddonObjects objects, CancellationToken ct)
    {
        await objects.DeleteAsync<ClusterRoleBinding>("", Account, ct);
        await objects.DeleteAsync<ClusterRole>("", Account, ct);
        await objects.DeleteAsync<ServiceAccount>(Namespace, Account, ct);
    }
}
