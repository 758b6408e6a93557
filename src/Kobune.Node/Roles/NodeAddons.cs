using System.Security.Cryptography.X509Certificates;
using Kobune.Addons.Metallb;
using Kobune.Addons.Switching;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControlPlane.Hosting;
using Kobune.ControlPlane.InProcess;
using Kobune.Node.IngressController;
using Kobune.Node.MetricsServer;
using Kobune.Node.Registries;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Roles;

/// <summary>The addons that this node's process has: each is a line here, switched by the ConfigMap kube-system/kobune-addons.</summary>
internal static class NodeAddons
{
    public static void Start(NodeConfig config, WorkerClients clients, X509Certificate2 authority, ComponentHost components, TimeProvider time, ILoggerFactory loggers)
    {
        var informers = new InformerFactory(clients.Kubelet, time, loggers);
        components.Start(informers);
        components.Start(new AddonSwitches(informers, Parts(config, clients, authority, time, loggers), components.Run, loggers.CreateLogger<AddonSwitches>()));
    }

    private static IReadOnlyList<AddonPart> Parts(NodeConfig config, WorkerClients clients, X509Certificate2 authority, TimeProvider time, ILoggerFactory loggers) =>
    [
        .. StorageAddons.Parts(config, clients, time, loggers),
        .. NodeRegistries.Parts(config, clients, time, loggers),
        .. clients.Local is { } local ? Local(config, local, authority, time, loggers) : [],
    ];

    /// <summary>Those that run beside the API server alone.</summary>
    private static AddonPart[] Local(NodeConfig config, IClientFactory local, X509Certificate2 authority, TimeProvider time, ILoggerFactory loggers) =>
    [
        IngressAddon.Part(config, local, time, loggers),
        IngressDnsAddon.Part(config, local, time, loggers),
        Metallb(local, time),
        MetricsAddon.Part(config, authority, local, time, loggers),
    ];

    private static AddonPart Metallb(IClientFactory local, TimeProvider time) =>
        new("metallb", settings => [new AddressPoolObjects(local.For(InProcessClients.Administrator), settings, time)]) { Remove = ct => AddressPoolObjects.RemoveAsync(local.For(InProcessClients.Administrator), ct) };
}
