using System.Net;
using Kobune.Addons.Switching;
using Kobune.Api.Schema;
using Kobune.ApiServer.Certificates;
using Kobune.Client.Informers;
using Kobune.ControlPlane;
using Kobune.Node.ClusterDns;
using Kobune.Node.Settings;
using Kobune.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Roles;

/// <summary>The control plane of a node: certificates, the store on disk, the API server and what belongs beside it.</summary>
internal sealed class ControlPlaneRole : IAsyncDisposable
{
    private const int ControllersPort = 10257; // upstream's
    private const int SchedulerPort = 10259;

    private readonly SqliteStore _store;

    private ControlPlaneRole(ClusterCertificates certificates, SqliteStore store, ControlPlaneHost host)
    {
        Certificates = certificates;
        _store = store;
        Host = host;
    }

    public ClusterCertificates Certificates { get; }

    public ControlPlaneHost Host { get; }

    public static async Task<ControlPlaneRole> StartAsync(NodeConfig config, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        // Each takes its time from disk or processor, so they are done beside each other.
        var keys = Task.Run(() => ClusterCertificates.CreateOrLoad(NodeCertificates.OptionsOf(config), time), ct);
        var opening = Task.Run(() => SqliteStore.Open(new(Path.Combine(config.StoreDir, "state.db")), time), ct);
        var version = KubernetesVersion.ParseOrNewest(config.KubernetesVersion);
        var settings = new ComponentSettings(config.ExtraConfig);
        var features = settings.Features("apiserver", version, config.FeatureGates);
        _ = ApiSchema.Of(features, settings.RuntimeConfig);
        var store = await opening;
        var certificates = await keys;
        _ = Task.Run(() => ChainVerifier.Warm(certificates.Authority.Certificate), ct);
        var address = IPAddress.Parse(config.NodeIP);
        var port = new Uri(config.ServerUrl).Port;
        var host = await ControlPlaneHost.StartAsync(
            settings.ControlPlane(new ControlPlaneOptions
            {
                Version = version,
                Features = features,
                Store = store,
                Certificates = certificates,
                Listen = [new(IPAddress.Any, port), .. config.NodeIPs.Skip(1).Select(ip => new IPEndPoint(ip, port))],
                Advertise = new(address, port),
                ServiceRange = string.Join(',', config.ServiceCIDRs),
                ClusterCidr = string.Join(',', config.ClusterCIDRs),
                ControllersPort = new(IPAddress.Loopback, ControllersPort),
                SchedulerPort = new(IPAddress.Loopback, SchedulerPort),
                Time = time,
                Loggers = loggers,
            }, config.FeatureGates),
            ct);
        StartClusterDnsObjects(config, host, time, loggers);
        return new(certificates, store, host);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _store.DisposeAsync();
        Certificates.Dispose();
    }

    private static void StartClusterDnsObjects(NodeConfig config, ControlPlaneHost host, TimeProvider time, ILoggerFactory loggers)
    {
        var client = host.Clients.For(ControlPlane.InProcess.InProcessClients.Administrator);
        var informers = new InformerFactory(client, time, loggers);
        host.Components.Start(informers);
        host.Components.Start(new ClusterDnsObjects(client, informers, config.ClusterDNSAddresses, [.. config.NodeIPs.Select(ip => new IPEndPoint(ip, WorkerRole.DnsPort))], CorefileMap.Create(config)));
        host.Components.Start(new NodeLabels(client, informers, config));
        host.Components.Start(new AddonMapWriter(client, config.Addons, time));
    }
}
