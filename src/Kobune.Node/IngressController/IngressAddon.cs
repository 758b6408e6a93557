using System.Net;
using Kobune.Addons.Switching;
using Kobune.Client;
using Kobune.ControlPlane.InProcess;
using Kobune.Ingress;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.IngressController;

/// <summary>The addon "ingress": the controller on ports 80 and 443 of the first node, under the identity that ingress-nginx would have.</summary>
internal static class IngressAddon
{
    /// <summary>Its name.</summary>
    public const string Addon = "ingress";

    /// <param name="config">The node.</param>
    /// <param name="clients">Clients beside the API server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For the controller.</param>
    /// <param name="http">Its ports, 80 and 443 but in tests.</param>
    /// <param name="https">The same.</param>
    public static AddonPart Part(NodeConfig config, IClientFactory clients, TimeProvider time, ILoggerFactory loggers, int http = 80, int https = 443)
    {
        var nodes = config.NodeIPs;
        var objects = new IngressObjects(clients.For(InProcessClients.Administrator), config.NodeName, nodes, loggers.CreateLogger("Kobune.Ingress"));
        IComponent Create(string settings) => new ComponentWithInformers(
            IngressManifest.Controller,
            objects.EnsureAsync,
            clients.For(IngressManifest.Identity),
            (client, informers) => new IngressComponent(Options(nodes, settings, http, https), client, informers, time, loggers),
            time,
            loggers);
        return new(Addon, settings => [Create(settings)]) { Remove = objects.RemoveAsync };
    }

    /// <param name="nodes">The node's addresses, one of each family that the cluster has.</param>
    /// <param name="settings">"namespace/name" of the Secret with the default certificate (`addons configure ingress`).</param>
    /// <param name="http">The port for HTTP.</param>
    /// <param name="https">The port for HTTPS.</param>
    internal static IngressOptions Options(IReadOnlyList<IPAddress> nodes, string settings, int http, int https)
    {
        var any = nodes.Count > 1 ? IPAddress.IPv6Any : IPAddress.Any; // the former takes both families
        return new()
        {
            Http = [new(any, http)],
            Https = [new(any, https)],
            PublishAddresses = nodes,
            DefaultCertificate = settings.Split('/') is [{ Length: > 0 } ns, { Length: > 0 } name] ? new(ns, name) : null,
        };
    }
}
