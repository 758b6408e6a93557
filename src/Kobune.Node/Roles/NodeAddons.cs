using Kobune.Addons.Metallb;
using Kobune.Addons.Switching;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControlPlane.Hosting;
using Kobune.ControlPlane.InProcess;
using Kobune.Node.IngressController;
using Kobune.Node.Registries;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Roles;

/// <summary>The addons that this node's process has: each is a line here, switched by the ConfigMap kube-system/kobune-addons.</summary>
internal static class NodeAddons
{
    public static void Start(NodeConfig config, WorkerClients clients, ComponentHost components, TimeProvider time, ILoggerFactory loggers)
    {
        var informers = new InformerFactory(clients.Kubelet, time, loggers);
        components.Start(informers);
        components.Start(new AddonSwitches(informers, Parts(config, clients, time, loggers), components.Run, loggers.CreateLogger<AddonSwitches>()));
    }

    private static IReadOnlyList<AddonPart> Parts(NodeConfig config, WorkerClients clients, TimeProvider time, ILoggerFactory loggers) =>
        [.. StorageAddons.Parts(config, clients, time, loggers), .. NodeRegistries.Parts(config, clients, time, loggers), .. clients.Local is { } local ? [IngressAddon.Part(config, local, time, loggers), IngressDnsAddon.Part(config, local, time, loggers), Metallb(local, time)] : Array.Empty<AddonPart>()];

    private static AddonPart Metallb(IClientFactory local, TimeProvider time) =>
        new("metallb", settings => [new AddressPoolObjects(local.For(InProcessClients.Administrator), settings, time)]) { Remove = ct => AddressPoolObjects.RemoveAsync(local.For(InProcessClients.Administrator), ct) };
}
