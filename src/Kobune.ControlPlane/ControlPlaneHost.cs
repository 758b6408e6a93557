using System.Net;
using Kobune.Api.Metrics;
using Kobune.Api.Schema;
using Kobune.ApiServer;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Health;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Client.Metrics;
using Kobune.ControllerManager;
using Kobune.ControlPlane.Hosting;
using Kobune.ControlPlane.InProcess;
using Kobune.ControlPlane.Outbound;
using Kobune.Scheduler;

namespace Kobune.ControlPlane;

/// <summary>
/// A whole control plane in this process: API server over a store, controllers, scheduler. Start-up runs in stages (caches and listener, bootstrap
/// policy, components); disposing runs them in reverse. Nothing here touches the platform.
/// </summary>
public sealed class ControlPlaneHost : IAsyncDisposable
{
    private readonly ControlPlaneOptions _options;
    private readonly NodeConnector? _connector;
    private readonly ServerSecurity _security;
    private readonly ApiSchema _schema;
    private readonly RequestMetrics? _controllerRequests;
    private readonly RequestMetrics? _schedulerRequests;

    private ControlPlaneHost(ControlPlaneOptions options)
    {
        _options = options;
        _security = new(options.Certificates, (options.Security ?? (o => o))(new()
        {
            ServerUrl = () => ServiceAccountTokens.DefaultIssuer,
            Features = options.Features,
            Time = options.Time,
            WireTime = options.WireTime,
            Loggers = options.Loggers,
        }));
        _connector = options.Outbound is null ? new(_security.Objects, options.Certificates) : null;
        var server = (options.Server ?? (o => o))(_security.CreateOptions(options.Store) with
        {
            Version = options.Version,
            Features = options.Features,
            Listen = options.Listen,
            Advertise = options.Advertise,
            ServiceRange = options.ServiceRange,
            NodePorts = options.NodePorts,
            Outbound = (options.OutboundThrough ?? (c => c))(options.Outbound ?? _connector!),
        });
        (Server, _schema) = (new(server), server.Schema);
        var address = $"{options.Advertise ?? (options.Listen is [var first, ..] ? first : null)}";
        _controllerRequests = options.ControllersPort is null ? null : new(address, options.Time);
        _schedulerRequests = options.SchedulerPort is null ? null : new(address, options.Time);
        Clients = new(Server.InProcess, options.Time, agent => agent switch { "kube-controller-manager" => _controllerRequests, "kube-scheduler" => _schedulerRequests, _ => null });
        Components = new(options.Time, options.Loggers);
    }

    /// <summary>The API server.</summary>
    public ApiServerHost Server { get; }

    /// <summary>In-process clients under any identity.</summary>
    public InProcessClients Clients { get; }

    /// <summary>The components that run beside the API server; the node's are added here.</summary>
    public ComponentHost Components { get; }

    /// <summary>The controllers; null where they do not run.</summary>
    public ControllerManagerComponent? Controllers { get; private set; }

    /// <summary>Requests of components that were denied: there should be none.</summary>
    public IDeniedRequests Denied => _security.Denied;

    /// <summary>Makes and reads service account tokens.</summary>
    public ServiceAccountTokens Tokens => _security.Tokens;

    /// <summary>Starts all stages; returns when the API answers and the components have been started.</summary>
    public static async Task<ControlPlaneHost> StartAsync(ControlPlaneOptions options, CancellationToken ct)
    {
        var host = new ControlPlaneHost(options);
        try
        {
            await host.Server.OpenAsync(ct);
            var objects = Task.Factory.StartNew(() => host.Server.EnsureSystemObjectsAsync(ct), ct, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current).Unwrap();
            await Task.WhenAll(objects, host._security.EnsurePolicyAsync(host.Server, ct));
            host.StartComponents();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Components.DisposeAsync();
        await Server.DisposeAsync();
        _connector?.Dispose();
    }

    private void StartComponents()
    {
        if (_options.RunControllers)
        {
            var options = (_options.Controllers ?? (o => o))(new ControllerManagerOptions
            {
                RootCertificateAuthority = _options.Certificates.Authority.CertificatePem,
                ClusterCidrs = _options.ClusterCidr.Split(','),
                LegacyTokenSigner = new LegacyTokens(Tokens),
                CertificateSigner = new Signer(_options.Certificates.Authority),
                Features = _options.Features,
                Serves = (group, version, plural) => _schema.FindResource(group, version, plural) is { IsServed: true },
            });
            Controllers = new(Clients, options, _options.Time, _options.Loggers);
            Components.Start(Controllers);
            Serve(Controllers.Name, _options.ControllersPort, [.. options.Metrics.Families, .. _controllerRequests?.Families ?? []], [.. Controllers.Checks.Select(c => new HealthCheck(c.Name, c.Failure))]);
        }

        if (_options.RunScheduler)
        {
            var client = Clients.For("system:kube-scheduler");
            var informers = new InformerFactory(client, _options.Time, _options.Loggers);
            Components.Start(informers);
            var options = (_options.Scheduler ?? (o => o))(new SchedulerOptions
            {
                Features = _options.Features,
                HasDeviceTaintRules = _schema.FindResource("resource.k8s.io", "v1beta2", "devicetaintrules") is { IsServed: true },
            });
            var scheduler = new SchedulerComponent(client, informers, options, _options.Time, _options.Loggers);
            Components.Start(scheduler);
            Serve(scheduler.Name, _options.SchedulerPort, [.. options.Metrics.Families, .. _schedulerRequests?.Families ?? []], []);
        }
    }

    private void Serve(string component, IPEndPoint? listen, IReadOnlyList<MetricFamily> families, IReadOnlyList<HealthCheck> parts)
    {
        if (listen is not null)
        {
            Components.Start(new ComponentPort(component, Server, listen, families, () => Components.Status, parts));
        }
    }

    private sealed class Signer(CertificateAuthority authority) : ICertificateSigner
    {
        public string Sign(string requestPem, IReadOnlyCollection<string> usages, TimeSpan lifetime) => authority.SignRequest(requestPem, usages, lifetime);
    }

    private sealed class LegacyTokens(ServiceAccountTokens tokens) : ILegacyTokenSigner
    {
        public string Sign(string ns, string serviceAccount, string serviceAccountUid, string secret) =>
            tokens.IssueForSecret(ns, serviceAccount, serviceAccountUid, secret);
    }
}
