using System.Net;
using System.Runtime.CompilerServices;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Certificates;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControlPlane;
using Kobune.ControlPlane.InProcess;
using Kobune.SimulatedNode;
using Kobune.Storage.Memory;

namespace Kobune.Testing;

/// <summary>
/// A Kubernetes cluster inside the test process: the real API server on the memory store, the real controllers and scheduler, simulated nodes. No port
/// and no file unless asked for; as many side by side as the test likes.
/// </summary>
public sealed partial class TestCluster : IAsyncDisposable
{
    private readonly MemoryStore _store;
    private readonly ClusterCertificates _certificates;
    private readonly ControlPlaneHost _host;

    private TestCluster(MemoryStore store, ClusterCertificates certificates, ControlPlaneHost host)
    {
        _store = store;
        _certificates = certificates;
        _host = host;
    }

    /// <summary>A client of the cluster's administrator, in-process.</summary>
    public IClient Client => _host.Clients.For(InProcessClients.Administrator);

    /// <summary>Requests of the cluster's own components that were denied: there should be none.</summary>
    public IReadOnlyList<DeniedRequest> DeniedRequests => _host.Denied.Items;

    /// <summary>"https://127.0.0.1:41234", when <see cref="TestClusterOptions.Https"/> was asked for.</summary>
    public Uri? Address => _host.Server.Addresses is [var first, ..] ? new UriBuilder("https", first.Address.ToString(), first.Port).Uri : null;

    /// <summary>Starts a cluster with some of the options changed: <c>TestCluster.StartAsync(o =&gt; o with { Nodes = 3 })</c>.</summary>
    public static Task<TestCluster> StartAsync(Func<TestClusterOptions, TestClusterOptions> configure, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return StartAsync(configure(new()), ct);
    }

    /// <summary>Starts a cluster; returns when the API answers and the components run.</summary>
    [OverloadResolutionPriority(1)] // new() is the options
    public static async Task<TestCluster> StartAsync(TestClusterOptions? options = null, CancellationToken ct = default)
    {
        options ??= new();
        var store = new MemoryStore(options.Time);
        var certificates = ClusterCertificates.CreateOrLoad(new() { Addresses = [IPAddress.Loopback] }, options.Time);
        var host = await ControlPlaneHost.StartAsync(
            options.Settings(new ControlPlaneOptions
            {
                Version = options.Version,
                Features = options.Features,
                Store = store,
                Certificates = certificates,
                Listen = options.Https ? [new(IPAddress.Loopback, options.Port)] : [],
                RunControllers = options.RunControllers,
                RunScheduler = options.RunScheduler,
                Time = options.Time,
                Loggers = options.Loggers,
            }),
            ct);
        if (options.Nodes > 0)
        {
            StartNodes(options, host);
        }

        return new(store, certificates, host);
    }

    /// <summary>A client under any identity, "system:serviceaccount:default:app", authorized as that.</summary>
    public IClient ClientFor(string identity) => _host.Clients.For(identity);

    /// <summary>Stops everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _certificates.Dispose();
        _files.Dispose();
    }

    private static void StartNodes(TestClusterOptions options, ControlPlaneHost host)
    {
        var informers = new InformerFactory(host.Clients.For(InProcessClients.Administrator), options.Time, options.Loggers);
        host.Components.Start(informers);
        host.Components.Start(new SimulatedNodeComponent(new() { Count = options.Nodes, KubeletVersion = options.Version.ToString() }, host.Clients, informers, options.Time, options.Loggers));
    }
}
