using System.Text.Json;
using Kobune.Addons.Switching;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControlPlane.Hosting;
using Kobune.ControlPlane.InProcess;
using Kobune.Kubelet;
using Kobune.Kubelet.Registry;
using Kobune.Node.Roles;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Registries;

/// <summary>Where a node's images come from: the view of its own images, hosts.toml for containerd, and the addons registry and registry-aliases.</summary>
public static class NodeRegistries
{
    /// <summary>The view's address in the node.</summary>
    public static string View { get; } = $"http://127.0.0.1:{RegistryViewComponent.DefaultPort}";

    /// <summary>Starts the view and tells containerd of it.</summary>
    internal static void Start(NodeConfig config, ComponentHost components, ILoggerFactory loggers)
    {
        WriteHosts(config, new(RegistryHostsFolder.OfNode));
        components.Start(new RegistryViewComponent(new KubeletOptions { NodeName = config.NodeName, NodeIP = config.NodeIP }, RegistryViewComponent.DefaultPort, loggers));
    }

    /// <summary>Writes what the start options say about registries; containerd reads it at its next pull.</summary>
    public static void WriteHosts(NodeConfig config, RegistryHostsFolder folder) =>
        folder.WriteAll(RegistryHosts.Files(View, config.RegistryMirrors, config.InsecureRegistries));

    /// <summary>Tells containerd how an image's registry is spoken to, when it lies in an insecure range. node.json is read anew: it changes under a running node.</summary>
    public static async Task PrepareAsync(string configFile, string image, TimeProvider time, CancellationToken ct)
    {
        if (!File.Exists(configFile))
        {
            return; // a node that was not made by the command line
        }

        var config = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(configFile, ct), NodeConfigJson.Default.NodeConfig)!;
        await new RangeRegistries(InsecureRanges.Of(config.InsecureRegistries, config.ServiceCIDR), new(RegistryHostsFolder.OfNode), View, time).PrepareAsync(image, ct);
    }

    /// <summary>The addons that are about registries.</summary>
    internal static IEnumerable<AddonPart> Parts(NodeConfig config, WorkerClients clients, TimeProvider time, ILoggerFactory loggers)
    {
        var hosts = new RegistryHostsFolder(RegistryHostsFolder.OfNode);
        yield return clients.Local is { } local ? RegistryAddon.Part(config, local, hosts, loggers) : RegistryAddon.WorkerPart(config, hosts, loggers);
        yield return AliasPart(config, clients, hosts, time, loggers);
    }

    private static AddonPart AliasPart(NodeConfig config, WorkerClients clients, RegistryHostsFolder hosts, TimeProvider time, ILoggerFactory loggers)
    {
        var objects = clients.Local is { } local ? new RegistryAliasObjects(local.For(InProcessClients.Administrator), config.ClusterDomain, time) : null;
        var server = $"http://{RegistryAddon.PrimaryOf(config)}:{RegistryAddon.Port}";
        return new(RegistryAliases.Addon, settings =>
        {
            var informers = new InformerFactory(clients.Kubelet, time, loggers);
            var names = RegistryAliases.NamesOf(settings);
            IComponent onNode = new RegistryAliases(names, informers, hosts, View, server, "/etc/hosts");
            return objects is null ? [informers, onNode] : [informers, onNode, objects.For(names)];
        })
        {
            Remove = async ct =>
            {
                if (objects is not null)
                {
                    await objects.RemoveAsync(ct);
                }
            },
        };
    }
}
