using System.Net;
using Kobune.Addons.Switching;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.ControlPlane.InProcess;
using Kobune.Kubelet.Registry;
using Kobune.Node.IngressController;
using Microsoft.Extensions.Logging;
using Service = Kobune.Api.Core.V1.Service;

namespace Kobune.Node.Registries;

/// <summary>
/// The addon "registry": Debian's docker-registry on port 5000 of the first node, behind the Service kube-system/registry that minikube's addon has. On the
/// other nodes their port 5000 leads there, so localhost:5000/NAME is the same image everywhere.
/// </summary>
internal static class RegistryAddon
{
    /// <summary>Its name, and its Service's.</summary>
    public const string Addon = "registry";

    public const string Namespace = "kube-system";

    public const int Port = 5000;

    private static readonly Dictionary<string, string> Labels = new()
    {
        ["kubernetes.io/minikube-addons"] = Addon,
        ["addonmanager.kubernetes.io/mode"] = "Reconcile",
        [AddonObjects.ManagedBy] = AddonObjects.Manager,
    };

    /// <summary>The first node's part.</summary>
    public static AddonPart Part(NodeConfig config, IClientFactory clients, RegistryHostsFolder hosts, ILoggerFactory loggers)
    {
        var objects = new AddonObjects(clients.For(InProcessClients.Administrator));
        var program = new RegistryProgramOptions { Data = Path.Combine(config.DataDir, "registry"), Log = Path.Combine(config.DataDir, "logs", "registry.log"), Port = Port };
        return new(Addon, _ => [new RegistryProgram(program, ct => EnsureAsync(config, objects, hosts, ct), loggers)]) { Remove = ct => RemoveAsync(config, objects, hosts, ct) };
    }

    /// <summary>The part of every other node.</summary>
    public static AddonPart WorkerPart(NodeConfig config, RegistryHostsFolder hosts, ILoggerFactory loggers)
    {
        IPEndPoint target = new(PrimaryOf(config), Port);
        return new(Addon, _ =>
        {
            hosts.Write($"{config.NodeIP}:{Port}", RegistryHosts.Alias(NodeRegistries.View, $"http://{config.NodeIP}:{Port}"));
            hosts.Write(target.ToString(), RegistryHosts.Alias(NodeRegistries.View, $"http://{target}"));
            return [new TcpRelay(new(IPAddress.Any, Port), target, loggers)];
        });
    }

    /// <summary>The first node's address.</summary>
    public static IPAddress PrimaryOf(NodeConfig config) => IPAddress.Parse(new Uri(config.ServerUrl).Host);

    internal static Service Service => new()
    {
        Metadata = Meta(Addon),
        Spec = new()
        {
            Type = "ClusterIP",
            Ports = [new() { Name = "http", Port = 80, Protocol = "TCP", TargetPort = Port }, new() { Name = "https", Port = 443, Protocol = "TCP", TargetPort = 443 }],
        },
    };

    internal static EndpointSlice Slice(NodeConfig config) => new()
    {
        Metadata = Meta(Addon + "-kobune") with
        {
            Labels = new Dictionary<string, string>(Labels) { ["kubernetes.io/service-name"] = Addon, ["endpointslice.kubernetes.io/managed-by"] = AddonObjects.Manager },
        },
        AddressType = "IPv4",
        Endpoints = [new() { Addresses = [config.NodeIP], NodeName = config.NodeName, Conditions = new() { Ready = true, Serving = true, Terminating = false } }],
        Ports = [new() { Name = "http", Port = Port, Protocol = "TCP" }],
    };

    private static async Task EnsureAsync(NodeConfig config, AddonObjects objects, RegistryHostsFolder hosts, CancellationToken ct)
    {
        hosts.Write($"{config.NodeIP}:{Port}", RegistryHosts.Alias(NodeRegistries.View, $"http://{config.NodeIP}:{Port}"));
        await objects.CreateAsync(Service, ct);
        await objects.CreateAsync(Slice(config), ct);
    }

    private static async Task RemoveAsync(NodeConfig config, AddonObjects objects, RegistryHostsFolder hosts, CancellationToken ct)
    {
        hosts.Remove($"{config.NodeIP}:{Port}");
        await objects.DeleteAsync<EndpointSlice>(Namespace, Addon + "-kobune", ct);
        await objects.DeleteAsync<Service>(Namespace, Addon, ct);
    }

    private static ObjectMeta Meta(string name) => new() { Name = name, Namespace = Namespace, Labels = Labels };
}
