using System.Net;
using Kobune.Api.Metrics;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Aggregation;
using Kobune.ApiServer.Allocation;
using Kobune.ApiServer.Audit;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Conversion;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Fairness;
using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Health;
using Kobune.ApiServer.Http;
using Kobune.ApiServer.Loops;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Kobune.ApiServer.Webhooks;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer;

/// <summary>An API server: registry, caches and pipeline over a store, reached through HTTPS and in-process. Start it once; dispose it to stop.</summary>
public sealed class ApiServerHost : IAsyncDisposable
{
    private const int DefaultPort = 6443; // where upstream listens

    private readonly ApiServerOptions _options;
    private readonly ResourceRegistry _registry;
    private readonly StoreFeed _feed;
    private readonly ApiPipeline _pipeline;
    private readonly HttpsEdge? _edge;
    private readonly SystemObjects _systemObjects;
    private readonly LiveSchema _live;
    private readonly CustomResourceDefinitions _definitions;
    private readonly AdmissionPolicyStatus _policyStatus;
    private readonly ApiServiceAvailability _availability;
    private readonly AggregationMetrics _aggregationMetrics;
    private readonly LocalApiServices _localApis;
    private readonly AddressRepair _addressRepair;
    private readonly LegacyTokenLabels _legacyTokens;
    private readonly Auditor? _auditor;
    private readonly FlowControl? _flows;
    private readonly FlowControlObjects _flowObjects;
    private readonly FlowControlConfiguration? _flowConfiguration;
    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;

    /// <summary>Puts the server together; nothing runs yet.</summary>
    public ApiServerHost(ApiServerOptions options)
    {
        _options = options;
        var codec = new ObjectCodec(options.Schema);
        var registry = new ResourceRegistry(codec, KindConverters.BuiltIn, [.. options.Strategies, .. BuiltInStrategies.Of(options)], options.EventTimeToLive, options.Time);
        _registry = registry;
        var metrics = new ApiMetrics();
        var store = new MeteredStore(options.Store, registry, metrics, options.Time);
        _feed = new(store, registry.StoredKinds.Select(k => k.Cache), options.Time, options.Loggers.CreateLogger<StoreFeed>());
        var webhooks = new WebhookCaller(options.Outbound, options.Objects, options.WireTime);
        var server = new ServerContext(store, _feed, registry, codec, options.Admission, options.Objects, options.Features, options.Time, webhooks) { MinRequestTimeout = options.MinRequestTimeout };
        options.Objects.Attach(server);

        _live = new(options.Schema);
        (options.Admission.Observer, options.Admission.Time) = (metrics.Admitted, options.Time);
        var aggregated = new AggregatedApis(options.Objects);
        _aggregationMetrics = new(options.Objects);
        var caller = new AggregatedCaller(options.Outbound, options.Objects);
        _flows = options.EnablesFairness ? new(options.MaxReadsInFlight + options.MaxWritesInFlight, options.Time) : null;
        _auditor = Auditor.Of(options);
        var watches = new WatchTracker();
        var fairness = _flows is null ? null : new FairnessFilter(_flows, new(registry, watches, options.Features), watches, metrics, options.Time);
        _pipeline = new(options, metrics, _auditor is null ? null : new AuditFilter(_auditor), fairness, Endpoints(options, server, metrics, aggregated, caller), options.Loggers);
        InProcess = new(_pipeline);
        options.Admission.Attach(InProcess);
        options.Admission.Attach(registry);
        options.Admission.Attach(new WebhookServices(webhooks, registry, metrics, options.Time, options.Loggers.CreateLogger<WebhookServices>()) { ReadFresh = server.ReadFreshAsync });
        _systemObjects = new(options, InProcess, options.Loggers.CreateLogger<SystemObjects>());
        _flowObjects = new(options, InProcess, options.Loggers.CreateLogger<FlowControlObjects>());
        _flowConfiguration = _flows is null ? null : new(server, _flows, InProcess, options.Loggers.CreateLogger<FlowControlConfiguration>());
        _definitions = new(server, _live, InProcess, options.Loggers.CreateLogger<CustomResourceDefinitions>());
        _policyStatus = new(server, _live, InProcess, options.Loggers.CreateLogger<AdmissionPolicyStatus>());
        _availability = new(server, aggregated, new ApiServiceProbe(caller, options.WireTime), InProcess, _aggregationMetrics, options.Loggers.CreateLogger<ApiServiceAvailability>());
        _localApis = new(_live, options.Objects, InProcess, options.Time, options.Loggers.CreateLogger<LocalApiServices>());
        _legacyTokens = new(options.LegacyTokens, InProcess, options.Loggers.CreateLogger<LegacyTokenLabels>());
        _addressRepair = new(server, InProcess, options.Loggers.CreateLogger<AddressRepair>());
        if (options.Listen.Count > 0)
        {
            _edge = new(options, _pipeline, new ResultWriter(options.Schema, registry, options.Features, options.Time), metrics);
        }
    }

    /// <summary>The way in for clients in the same process.</summary>
    public InProcessEndpoint InProcess { get; }

    /// <summary>The server's own view of its objects.</summary>
    public IObjectReader Objects => _options.Objects;

    /// <summary>Where the HTTPS listener really listens, once started.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => _edge?.Addresses ?? [];

    /// <summary>Fills the caches, opens the listener and makes the server's own objects. Returns when requests are answered.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await OpenAsync(ct);
        await EnsureSystemObjectsAsync(ct);
    }

    /// <summary>Ends when the system namespaces stand; at once where the server does not keep them.</summary>
    public Task NamespacesStand => _options.KeepsSystemObjects ? _systemObjects.NamespacesStand : Task.CompletedTask;

    /// <summary>The first half of <see cref="StartAsync"/>: the caches are filled, and the listener answers.</summary>
    public async Task OpenAsync(CancellationToken ct)
    {
        await _feed.StartAsync(ct);
        await _definitions.StartAsync(ct);
        _loops = Task.WhenAll(_definitions.RunAsync(_stop.Token), _policyStatus.RunAsync(_stop.Token), _availability.RunAsync(_stop.Token), _flowConfiguration?.RunAsync(_stop.Token) ?? Task.CompletedTask);
        if (_edge is not null)
        {
            await _edge.StartAsync(ct);
        }
    }

    /// <summary>The second half: what the server keeps itself is there (<see cref="SystemObjects"/>), and is kept from now on.</summary>
    public async Task EnsureSystemObjectsAsync(CancellationToken ct)
    {
        if (_options.KeepsSystemObjects)
        {
            var address = Advertised() ?? (Addresses is [var first, ..] ? first : new(IPAddress.Loopback, DefaultPort));
            await _systemObjects.BeginAsync(address, ct);
            _loops = Task.WhenAll(_loops, _systemObjects.RunAsync(address, _stop.Token), _localApis.RunAsync(_stop.Token), _addressRepair.RunAsync(_stop.Token), _legacyTokens.RunAsync(_stop.Token), _flowObjects.RunAsync(_stop.Token));
        }
    }

    /// <summary>The port of a component that runs beside this server, with its certificate, users and rules. The caller starts it, and disposes of it first.</summary>
    public ComponentServer ServerOf(IPEndPoint listen, IEnumerable<MetricFamily> families, IReadOnlyList<IHealthCheck> checks) => new(_options, _registry, listen, families, checks);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _loops;
        }
        catch (OperationCanceledException)
        {
            // our own token
        }

        if (_edge is not null)
        {
            await _edge.DisposeAsync();
        }

        if (_auditor is not null)
        {
            await _auditor.DisposeAsync();
        }

        await _feed.DisposeAsync();
        foreach (var owned in _options.Owned)
        {
            owned.Dispose();
        }

        _stop.Dispose();
    }

    /// <summary>No Endpoints may name a loopback address: a server that listens only there has none.</summary>
    private IPEndPoint? Advertised() => _options.Advertise ?? Addresses.FirstOrDefault(a => !IPAddress.IsLoopback(a.Address));

    private EndpointDispatcher Endpoints(ApiServerOptions options, ServerContext server, ApiMetrics metrics, AggregatedApis aggregated, AggregatedCaller caller)
    {
        var forward = new AggregatedEndpoint(aggregated, caller, options.WireTime);
        var creator = new ObjectCreator(server);
        var updater = new ObjectUpdater(server);
        var deleter = new ObjectDeleter(server);
        var read = new ReadEndpoint(server);
        var permission = new CreatePermission(options.Authorizer);
        var apply = new ApplyEndpoint(server, creator, updater, permission);
        var resources = new ResourceEndpoints(
            read,
            new WriteEndpoint(server, creator, updater, permission),
            new PatchEndpoint(server, updater),
            apply,
            new DeleteEndpoint(server, deleter),
            new ScaleEndpoint(server, read, updater, apply),
            new PodActions(server, updater, deleter),
            new ComponentStatuses(server),
            ConnectEndpoints.Of(options, server),
            metrics);
        IHealthCheck[] checks =
        [
            new HealthCheck("ping", () => null),
            new HealthCheck("log", () => null),
            new HealthCheck("etcd", () => _feed.IsRunning ? null : "the store's feed has ended"),
            new HealthCheck("informer-sync", () => _feed.IsFilled ? null : "the caches are not filled", isReadinessOnly: true),
            new HealthCheck("poststarthook/bootstrap-system-objects", () => !options.KeepsSystemObjects || _systemObjects.IsDone ? null : "not finished"),
            new HealthCheck("shutdown", () => _stop.IsCancellationRequested ? "process is shutting down" : null, isReadinessOnly: true),
            .. options.HealthChecks,
        ];
        var discovery = new DiscoveryEndpoint(_live, _registry, aggregated, () => Advertised()?.ToString() ?? "");
        IPathEndpoint[] paths =
        [
            discovery,
            new OpenApiEndpoint(_live, aggregated, forward, new(aggregated, caller, options.WireTime), options.Version.GitVersion),
            new HealthEndpoint(checks),
            new VersionEndpoint(options.Version),
            new MetricsEndpoint(metrics.Families.Concat(_aggregationMetrics.Families).Concat(_flows?.Metrics.Families ?? []).Concat(_auditor?.Metrics.Families ?? []).Concat(options.Metrics), server.Registry, options.Features),
            .. _flows is null ? Array.Empty<IPathEndpoint>() : [new FairnessDumpEndpoint(_flows)],
            new FixedPathEndpoint(options.WellKnown, () => [.. discovery.Paths, "/healthz", "/livez", "/readyz", "/metrics", "/openapi/v2", "/openapi/v3", "/version", .. options.WellKnown.Keys]),
        ];
        return new(server.Registry, resources, new VirtualEndpoints(options.VirtualResources, server.Codec, server.Objects), forward, paths);
    }
}
