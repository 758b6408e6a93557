using Kobune.ApiServer;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Nodes;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Authorization.Reviews;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControllerManager;
using Kobune.ControlPlane.Hosting;
using Kobune.ControlPlane.InProcess;
using Kobune.ControlPlane.Outbound;
using Kobune.Scheduler;
using Microsoft.Extensions.Logging;

namespace Kobune.ControlPlane;

/// <summary>
/// A whole control plane in this process: API server over a store, controllers, scheduler. Start-up runs in stages (caches and listener, bootstrap
/// policy, components); disposing runs them in reverse. Nothing here touches the platform.
/// </summary>
public sealed class ControlPlaneHost : IAsyncDisposable
{
    private readonly ControlPlaneOptions _options;
    private readonly NodeConnector? _connector;
    private readonly RecordingAuthorizer _authorizer;

    private ControlPlaneHost(ControlPlaneOptions options)
    {
        _options = options;
        var certificates = options.Certificates;
        var objects = new ObjectReaderHandle();
        var rbac = new RbacAuthorizer(objects);
        var authorizer = new AuthorizerChain(new NodeAuthorizer(objects), rbac);
        _authorizer = new(authorizer, options.Loggers.CreateLogger<RecordingAuthorizer>());
        var tokens = new ServiceAccountTokens(ServiceAccountTokens.DefaultIssuer, [certificates.ServiceAccountKey], options.Time);
        var tokenKinds = new TokenAuthenticators([new ServiceAccountTokenAuthenticator(tokens, objects, options.Time), new BootstrapTokenAuthenticator(objects, options.Time)]);
        _connector = options.Outbound is null ? new(objects, certificates) : null;
        Server = new(new ApiServerOptions
        {
            Version = options.Version,
            Store = options.Store,
            Objects = objects,
            Authenticator = new AuthenticationChain([
                FrontProxy.Authenticator(certificates, options.Time),
                new ClientCertificateAuthenticator(certificates.Authority.Certificate, options.Time),
                new BearerTokenAuthenticator(tokenKinds, tokens.Audiences),
            ]),
            Authorizer = authorizer,
            RequestAuthorizer = _authorizer,
            Admission = AdmissionPlugins.Default(rbac, authorizer, options.Time),
            Strategies = BuiltInStrategies.All,
            VirtualResources =
            [
                .. AccessReviews.Of(authorizer),
                new SelfSubjectRulesReviewResource(rbac),
                new SelfSubjectReviewResource(options.Time),
                new TokenReviewResource(tokenKinds, tokens.Audiences),
                new TokenRequestResource(tokens, options.Time),
            ],
            WellKnown = new Dictionary<string, Func<ReadOnlyMemory<byte>>>
            {
                [OpenIdDocuments.ConfigurationPath] = () => OpenIdDocuments.Configuration(tokens, ServiceAccountTokens.DefaultIssuer),
                [OpenIdDocuments.KeySetPath] = () => OpenIdDocuments.KeySet(tokens),
            },
            Listen = options.Listen,
            ServingCertificate = () => certificates.ServerCertificate,
            Advertise = options.Advertise,
            ServiceRange = options.ServiceRange,
            NodePorts = options.NodePorts,
            Outbound = options.Outbound ?? _connector,
            ClientAuthority = certificates.Authority.CertificatePem,
            RequestHeaderEntries = FrontProxy.RequestHeaderEntries(certificates),
            Time = options.Time,
            Loggers = options.Loggers,
        });
        Clients = new(Server.InProcess, options.Time);
        Components = new(options.Time, options.Loggers);
        Tokens = tokens;
    }

    /// <summary>The API server.</summary>
    public ApiServerHost Server { get; }

    /// <summary>In-process clients under any identity.</summary>
    public InProcessClients Clients { get; }

    /// <summary>The components that run beside the API server; the node's are added here.</summary>
    public ComponentHost Components { get; }

    /// <summary>Requests of components that were denied: there should be none.</summary>
    public IDeniedRequests Denied => _authorizer;

    /// <summary>Makes and reads service account tokens.</summary>
    public ServiceAccountTokens Tokens { get; }

    /// <summary>Starts all stages; returns when the API answers and the components have been started.</summary>
    public static async Task<ControlPlaneHost> StartAsync(ControlPlaneOptions options, CancellationToken ct)
    {
        var host = new ControlPlaneHost(options);
        try
        {
            await host.Server.StartAsync(ct);
            await new BootstrapPolicyWriter(host.Server, options.Loggers.CreateLogger<BootstrapPolicyWriter>()).EnsureAsync(ct);
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
            Components.Start(new ControllerManagerComponent(
                Clients,
                (_options.Controllers ?? (o => o))(new ControllerManagerOptions
                {
                    RootCertificateAuthority = _options.Certificates.Authority.CertificatePem,
                    ClusterCidrs = [_options.ClusterCidr],
                    LegacyTokenSigner = new LegacyTokens(Tokens),
                }),
                _options.Time,
                _options.Loggers));
        }

        if (_options.RunScheduler)
        {
            var client = Clients.For("system:kube-scheduler");
            var informers = new InformerFactory(client, _options.Time, _options.Loggers);
            Components.Start(informers);
            Components.Start(new SchedulerComponent(client, informers, new SchedulerOptions(), _options.Time, _options.Loggers));
        }
    }

    private sealed class LegacyTokens(ServiceAccountTokens tokens) : ILegacyTokenSigner
    {
        public string Sign(string ns, string serviceAccount, string serviceAccountUid, string secret) =>
            tokens.IssueForSecret(ns, serviceAccount, serviceAccountUid, secret);
    }
}
