using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Features;
using Kobune.Api.Metrics;
using Kobune.Api.Schema;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Audit;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Health;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Registry;
using Kobune.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer;

/// <summary>What an API server is made of. The composition root fills it; nothing in it changes afterwards.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Where objects live. The server does not dispose it.</summary>
    public required IStore Store { get; init; }

    /// <summary>Tells who sends a request over HTTPS.</summary>
    public required IAuthenticator Authenticator { get; init; }

    /// <summary>Tells who may do what; also asked for impersonation.</summary>
    public required IAuthorizer Authorizer { get; init; }

    /// <summary>The authorizer of real requests, when it differs (it records refusals); null = <see cref="Authorizer"/>.</summary>
    public IAuthorizer? RequestAuthorizer { get; init; }

    /// <summary>The reader that authorizers and authenticators were made with; the server connects it to its caches.</summary>
    public ObjectReaderHandle Objects { get; init; } = new();

    /// <summary>Uses of tokens in Secrets, which the server writes on these; the authenticator of service accounts notes them.</summary>
    public LegacyTokenUses LegacyTokens { get; init; } = new();

    /// <summary>What is counted outside the server and shown with its own metrics.</summary>
    internal IReadOnlyList<MetricFamily> Metrics { get; init; } = [];

    /// <summary>What the server disposes at its end: connections of authenticators and authorizers.</summary>
    public IReadOnlyList<IDisposable> Owned { get; init; } = [];

    /// <summary>Admission plugins in upstream's order.</summary>
    public AdmissionChain Admission { get; init; } = new([]);

    /// <summary>What kinds do beyond their schema; a kind may have several.</summary>
    public IReadOnlyList<KindStrategy> Strategies { get; init; } = [];

    /// <summary>Reviews, TokenRequest and the like.</summary>
    public IReadOnlyList<IVirtualResource> VirtualResources { get; init; } = [];

    /// <summary>The release of Kubernetes whose API is served and that /version tells.</summary>
    public KubernetesVersion Version { get; init; } = KubernetesVersion.Newest;

    /// <summary>The features that are on; the defaults of <see cref="Version"/> when not said.</summary>
    public FeatureGates Features
    {
        get => field ?? FeatureGates.Default(Version);
        init;
    }

    /// <summary>Versions and resources that are served beside the defaults.</summary>
    public RuntimeConfig RuntimeConfig { get; init; } = RuntimeConfig.Default;

    /// <summary>The API; that of <see cref="Features"/> and <see cref="RuntimeConfig"/> when not said.</summary>
    public ApiSchema Schema
    {
        get => field ?? ApiSchema.Of(Features, RuntimeConfig);
        init;
    }

    /// <summary>Addresses of the HTTPS listener; empty = in-process only. Port 0 takes a free one.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [];

    /// <summary>The serving certificate, asked for at every handshake, so that it can renew.</summary>
    public Func<X509Certificate2>? ServingCertificate { get; init; }

    /// <summary>Where clients reach the server: the endpoint of the kubernetes Service. Null = the first address of <see cref="Listen"/>.</summary>
    public IPEndPoint? Advertise { get; init; }

    /// <summary>The range of cluster IPs; one of each family, separated by a comma, for Services of both ("10.96.0.0/12,fd00:10:96::/112"). The first is the default.</summary>
    public string ServiceRange { get; init; } = "10.96.0.0/12";

    /// <summary>The range of node ports, both ends included.</summary>
    public (int First, int Last) NodePorts { get; init; } = (30000, 32767);

    /// <summary>Connections to kubelets, pods and Services; null = subresources that need them answer 503.</summary>
    public IOutboundConnector? Outbound { get; init; }

    /// <summary>PEM of the authority that signs client certificates, for kube-system/extension-apiserver-authentication.</summary>
    public string ClientAuthority { get; init; } = "";

    /// <summary>The further entries of that ConfigMap (front proxy), by key.</summary>
    public IReadOnlyDictionary<string, string> RequestHeaderEntries { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the server keeps its own objects: system namespaces, the kubernetes Service, priority classes.</summary>
    public bool KeepsSystemObjects { get; init; } = true;

    /// <summary>The listener takes connections at once; what comes over it is answered when this has ended. In-process requests do not wait.</summary>
    public Task AnswersClients { get; init; } = Task.CompletedTask;

    /// <summary>OpenID discovery documents by path ("/.well-known/openid-configuration", "/openid/v1/jwks").</summary>
    public IReadOnlyDictionary<string, Func<ReadOnlyMemory<byte>>> WellKnown { get; init; } = new Dictionary<string, Func<ReadOnlyMemory<byte>>>();

    /// <summary>Further health checks (stages of the start, components).</summary>
    public IReadOnlyList<IHealthCheck> HealthChecks { get; init; } = [];

    /// <summary>What is audited, and where it is written.</summary>
    public AuditOptions Audit { get; init; } = new();

    /// <summary>What a test puts into the way of requests; null for nothing.</summary>
    public IRequestGate? Gate { get; init; }

    /// <summary>Who hears of every request when it was answered; null for nobody.</summary>
    public IRequestObserver? Observer { get; init; }

    /// <summary>How long Events are kept (--event-ttl).</summary>
    public TimeSpan EventTimeToLive { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The shortest time after which the server ends a watch whose client named none; the longest is twice that (--min-request-timeout).</summary>
    public TimeSpan MinRequestTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether requests queue by FlowSchemas and priority levels; else reads and writes have a limit each (--enable-priority-and-fairness).</summary>
    public bool EnablesFairness { get; init; } = true;

    /// <summary>Reads at once; with priority and fairness the sum of both is shared by all levels.</summary>
    public int MaxReadsInFlight { get; init; } = 400;

    /// <summary>Writes at once.</summary>
    public int MaxWritesInFlight { get; init; } = 200;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The clock of time-outs on connections; <see cref="Time"/> when not said. A test that owns the time leaves real peers their real time.</summary>
    public TimeProvider WireTime
    {
        get => field ?? Time;
        init;
    }

    /// <summary>Where the log goes.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
