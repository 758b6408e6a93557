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
using Kobune.Testing.Faults;
using Kobune.Testing.History;
using Kobune.Testing.Nodes;
using Kobune.Testing.Time;

namespace Kobune.Testing;

/// <summary>
/// A Kubernetes cluster inside the test process: the real API server on the memory store, the real controllers and scheduler, simulated nodes. No port
/// and no file unless asked for; as many side by side as the test likes.
/// </summary>
public sealed partial class TestCluster : IAsyncDisposable
{
    private readonly TestClusterOptions _options;
    private readonly TestClock? _clock;
    private readonly MemoryStore _store;
    private readonly ClusterCertificates _certificates;
    private readonly ControlPlaneHost _host;
    private SimulatedNodeComponent? _nodes;

    private TestCluster(TestClusterOptions options, TestClock? clock, MemoryStore store, ClusterCertificates certificates, ControlPlaneHost host)
    {
        _options = options;
        _clock = clock;
        _store = store;
        _certificates = certificates;
        _host = host;
        Client = ClientFor(InProcessClients.Administrator);
    }

    /// <summary>A client of the cluster's administrator, in-process.</summary>
    public IClient Client { get; }

    /// <summary>The clock that the test advances.</summary>
    /// <exception cref="InvalidOperationException">The cluster runs on another clock.</exception>
    public TestClock Time => _clock ?? throw new InvalidOperationException("The cluster runs on the real time: start it with FakeTime = true");

    /// <summary>What goes wrong, on demand.</summary>
    public FaultPlan Faults { get; private init; } = null!;

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

    /// <summary>Starts a cluster; returns when the API answers and the components run. With <see cref="TestClusterOptions.FakeTime"/> also when it has come to rest.</summary>
    [OverloadResolutionPriority(1)] // new() is the options
    public static async Task<TestCluster> StartAsync(TestClusterOptions? options = null, CancellationToken ct = default)
    {
        options ??= new();
        if (!options.FakeTime)
        {
            return await StartAsync(options, null, ct);
        }

        var clock = new TestClock(options.StartTime, options.Seed);
        var cluster = await clock.Scheduler.RunAsync(() => StartAsync(options, clock, ct));
        await clock.SettleAsync(ct);
        return cluster;
    }

    /// <summary>A client under any identity, "system:serviceaccount:default:app", authorized as that.</summary>
    public IClient ClientFor(string identity) =>
        _clock is { } clock ? new ScheduledClient(_host.Clients.For(identity), clock) : _host.Clients.For(identity);

    /// <summary>Stops everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _certificates.Dispose();
        _files.Dispose();
        _clock?.Dispose();
    }

    private static async Task<TestCluster> StartAsync(TestClusterOptions options, TestClock? clock, CancellationToken ct)
    {
        var time = clock ?? options.Time;
        var wire = clock is null ? options.Time : TimeProvider.System;
        var faults = new FaultPlan(time, options.Seed);
        if (clock is not null)
        {
            (faults.Observer, faults.Inside) = (clock.Scheduler.Observe, clock.Scheduler.Post);
        }

        SimulatedTargets? targets = null;
        var store = new MemoryStore(time);
        var history = new ClusterHistory(time, options.HistoryLength);
        var start = time.GetUtcNow();
        var certificates = ClusterCertificates.CreateOrLoad(new() { Addresses = [IPAddress.Loopback] }, wire);
        var plane = options.Settings(new ControlPlaneOptions
        {
            Version = options.Version,
            Features = options.Features,
            Store = store,
            Certificates = certificates,
            Listen = options.Https ? [new(IPAddress.Loopback, options.Port)] : [],
            RunControllers = options.RunControllers,
            RunScheduler = options.RunScheduler,
            OutboundThrough = outbound => targets = new(clock is null ? outbound : new CountingConnector(outbound, clock.Scheduler), faults, options.Outbound),
            Time = time,
            WireTime = wire,
            Loggers = options.Loggers,
        });
        var host = await ControlPlaneHost.StartAsync(
            plane with { Server = server => (plane.Server ?? (o => o))(server) with { Gate = faults.Gate, Observer = options.HistoryLength > 0 ? history : null } },
            ct);
        if (options.HistoryLength > 0)
        {
            host.Components.Start(new HistoryRecorder(store, history, time));
        }

        var nodes = options.Nodes > 0 ? await StartNodesAsync(options, host, time, ct) : null;
        targets!.Nodes = nodes;
        return new(options, clock, store, certificates, host) { Faults = faults, History = history, _nodes = nodes, _start = start };
    }

    private static async Task<SimulatedNodeComponent> StartNodesAsync(TestClusterOptions options, ControlPlaneHost host, TimeProvider time, CancellationToken ct)
    {
        var informers = new InformerFactory(host.Clients.For(InProcessClients.Administrator), time, options.Loggers);
        var nodes = (options.SimulatedNodes ?? (o => o))(new() { Count = options.Nodes, KubeletVersion = options.Version.ToString() });
        host.Components.Start(informers);
        var component = new SimulatedNodeComponent(nodes, host.Clients, informers, time, options.Loggers);
        host.Components.Start(component);
        if (nodes.Usage is not null)
        {
            await MetricsApi.RegisterAsync(host.Clients.For(InProcessClients.Administrator), ct);
        }

        return component;
    }
}
