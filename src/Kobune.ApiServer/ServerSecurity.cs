using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Features;
using Kobune.Api.Metrics;
using Kobune.Api.Schema;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Configuration;
using Kobune.ApiServer.Authentication.OpenId;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Configuration;
using Kobune.ApiServer.Authorization.Nodes;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Authorization.Reviews;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Health;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;
using Kobune.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer;

/// <summary>
/// Everything of a server that decides who may do what, put together in upstream's order: client certificates, front proxy and bearer tokens; Node and RBAC; the
/// admission plugins; reviews and token requests. One per server.
/// </summary>
public sealed class ServerSecurity
{
    private readonly ClusterCertificates _certificates;
    private readonly ServerSecurityOptions _options;
    private readonly RecordingAuthorizer _recording;
    private readonly IMatchConditions _conditions;
    private readonly LegacyTokenUses _legacyTokens = new();
    private readonly List<MetricFamily> _metrics = [];
    private readonly List<IDisposable> _owned = [];
    private readonly TaskCompletionSource _policy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Puts it together; nothing runs.</summary>
    public ServerSecurity(ClusterCertificates certificates, ServerSecurityOptions options)
    {
        _certificates = certificates;
        _options = options;
        Tokens = new(options.Issuer, options.ServiceAccountKeys.Count > 0 ? options.ServiceAccountKeys : [certificates.ServiceAccountKey], options.WireTime)
        {
            Audiences = options.Audiences.Count > 0 ? options.Audiences : [options.Issuer],
            Features = options.Features,
            MaxExpiration = options.MaxTokenExpiration,
            ExtendsExpiration = options.ExtendsTokenExpiration,
        };
        var configured = options.AuthenticationConfig.Length > 0
            ? Own(new ConfiguredTokens(options.AuthenticationConfig, options.Features.Version.Minor, options.Issuer, Tokens.Audiences, options.AllowAnonymous is not null, options.WireTime, options.Loggers, Counted("authentication")))
            : null;
        var kinds = new TokenAuthenticators(
        [
            .. options.TokenFile is { } file ? [new AudienceAgnosticTokens(StaticTokenAuthenticator.Parse(file), Tokens.Audiences)] : Array.Empty<ITokenAuthenticator>(),
            new ServiceAccountTokenAuthenticator(Tokens, Objects, options.WireTime, _legacyTokens),
            .. options.AllowBootstrapTokens ? [new AudienceAgnosticTokens(new BootstrapTokenAuthenticator(Objects, options.Time), Tokens.Audiences)] : Array.Empty<ITokenAuthenticator>(),
            .. options.OpenId.IssuerUrl.Length > 0 || options.OpenId.ClientId.Length > 0 ? [OpenId(options)] : Array.Empty<ITokenAuthenticator>(),
            .. configured is null ? Array.Empty<ITokenAuthenticator>() : [configured],
            .. options.TokenWebhook.ConfigFile.Length > 0
                ? [Own(new WebhookTokenAuthenticator(options.TokenWebhook, Tokens.Audiences, options.WireTime, options.Loggers.CreateLogger<WebhookTokenAuthenticator>()))]
                : Array.Empty<ITokenAuthenticator>(),
        ]);
        Authenticator = new AuthenticationChain(
        [
            FrontProxy.Authenticator(certificates, options.WireTime),
            .. ClientAuthorities(certificates, options).Select(a => new ClientCertificateAuthenticator(a, options.WireTime)),
            new BearerTokenAuthenticator(kinds, Tokens.Audiences),
        ], path => configured?.AllowsAnonymous(path) ?? options.AllowAnonymous ?? true);
        var rbac = new RbacAuthorizer(Objects);
        Authorizer = options.AuthorizationConfig.Length > 0
            ? Own(new ConfiguredAuthorizer(options.AuthorizationConfig, options.Features.Version.Minor, s => Configured(s, rbac), options.Time, options.Loggers.CreateLogger<ConfiguredAuthorizer>(), Counted("authorization")))
            : new AuthorizerChain([.. options.AuthorizationModes.Select(m => m == "Webhook" ? Own(Webhook(options.AuthorizationWebhook)) : OfMode(m, rbac))]);
        _recording = new(Authorizer, options.Loggers.CreateLogger<RecordingAuthorizer>());
        _conditions = options.Admission.MatchConditions ?? new CelMatchConditions(Authorizer, options.Features.Version.Minor);
        Admission = AdmissionPlugins.Of(rbac, Authorizer, options.Time, options.Admission with { MatchConditions = _conditions }, options.Features);
        VirtualResources =
        [
            .. AccessReviews.Of(Authorizer),
            new SelfSubjectRulesReviewResource(rbac, options.AuthorizationConfig.Length > 0 || options.AuthorizationModes.Contains("Webhook")),
            new TokenReviewResource(kinds, Tokens.Audiences),
            new SelfSubjectReviewResource(options.Time),
            new TokenRequestResource(Tokens, options.WireTime, Admission),
        ];
    }

    /// <summary>The view that authenticators and authorizers look through; the server connects it.</summary>
    public ObjectReaderHandle Objects { get; } = new();

    /// <summary>Service account tokens.</summary>
    public ServiceAccountTokens Tokens { get; }

    /// <summary>All authenticators.</summary>
    public IAuthenticator Authenticator { get; }

    /// <summary>All authorizers.</summary>
    public IAuthorizer Authorizer { get; }

    /// <summary>All admission plugins.</summary>
    public AdmissionChain Admission { get; }

    /// <summary>Reviews and token requests.</summary>
    public IReadOnlyList<IVirtualResource> VirtualResources { get; }

    /// <summary>What was refused to the cluster's own components.</summary>
    public IDeniedRequests Denied => _recording;

    /// <summary>Options of a server with all of this; the caller adds listeners and the rest.</summary>
    public ApiServerOptions CreateOptions(IStore store) => new()
    {
        Store = store,
        Authenticator = Authenticator,
        Authorizer = Authorizer,
        RequestAuthorizer = _recording,
        Objects = Objects,
        Admission = Admission,
        LegacyTokens = _legacyTokens,
        Metrics = _metrics,
        Owned = _owned,
        Strategies = BuiltInStrategies.With(_conditions, _options.Features.Version.Minor),
        VirtualResources = VirtualResources,
        ServingCertificate = () => _certificates.ServerCertificate,
        ClientAuthority = _options.ClientAuthorities ?? _certificates.Authority.CertificatePem,
        RequestHeaderEntries = FrontProxy.RequestHeaderEntries(_certificates),
        WellKnown = new Dictionary<string, Func<ReadOnlyMemory<byte>>>
        {
            [OpenIdDocuments.ConfigurationPath] = () => OpenIdDocuments.Configuration(Tokens, _options.ServerUrl()),
            [OpenIdDocuments.KeySetPath] = () => OpenIdDocuments.KeySet(Tokens),
        },
        AnswersClients = _policy.Task,
        HealthChecks = [new HealthCheck("poststarthook/rbac/bootstrap-roles", () => _policy.Task.IsCompletedSuccessfully ? null : "not finished")],
        Time = _options.Time,
        WireTime = _options.WireTime,
        Loggers = _options.Loggers,
    };

    private IAuthorizer OfMode(string mode, RbacAuthorizer rbac) => mode switch
    {
        "Node" => new NodeAuthorizer(Objects),
        "RBAC" => rbac,
        "AlwaysAllow" => new FixedAuthorizer(allows: true),
        "AlwaysDeny" => new FixedAuthorizer(allows: false),
        _ => throw new ArgumentException($"unknown authorization mode {mode}", nameof(mode)),
    };

    private IAuthorizer Configured(AuthorizerSetting setting, RbacAuthorizer rbac) => setting.Webhook is { } webhook
        ? new ConditionalAuthorizer(Webhook(webhook.Options), webhook.Conditions, webhook.DeniesOnFailure)
        : OfMode(setting.Type, rbac);

    private WebhookAuthorizer Webhook(ReviewWebhookOptions webhook) => new(webhook, _options.Features.IsEnabled("AuthorizeWithSelectors"), _options.WireTime, _options.Loggers.CreateLogger<WebhookAuthorizer>());

    private OpenIdAuthenticator OpenId(ServerSecurityOptions options)
    {
        if (OpenIdAuthenticator.Problem(options.OpenId) is { } problem)
        {
            throw new FormatException(problem);
        }

        var providers = Own(new OpenIdProviders(options.OpenId, options.WireTime, options.Loggers.CreateLogger<OpenIdProvider>()));
        return new(options.OpenId, providers, Tokens.Audiences, options.WireTime);
    }

    private ReloadMetrics Counted(string kind)
    {
        var metrics = new ReloadMetrics(kind, _options.WireTime);
        _metrics.AddRange(metrics.Families);
        return metrics;
    }

    private T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    private static X509Certificate2Collection ClientAuthorities(ClusterCertificates certificates, ServerSecurityOptions options)
    {
        if (options.ClientAuthorities is null)
        {
            return [certificates.Authority.Certificate];
        }

        var own = new X509Certificate2Collection();
        own.ImportFromPem(options.ClientAuthorities);
        return own;
    }

    /// <summary>Writes the roles and bindings that are missing; what the server refuses is logged. Call it after the server was opened and before components start;
    /// what belongs into a system namespace waits for that. Until it ends the server is not ready, and clients over HTTPS wait: they would
    /// be refused.</summary>
    public async Task EnsurePolicyAsync(ApiServerHost server, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(server);
        await new PolicyWriter(server.InProcess, server.NamespacesStand, Objects, _options.Features, _options.Loggers.CreateLogger<PolicyWriter>()).EnsureAsync(ct);
        _policy.TrySetResult();
    }
}

/// <summary>What the security of a server depends on.</summary>
public sealed record ServerSecurityOptions
{
    /// <summary>Issuer of service account tokens, and their usual audience.</summary>
    public string Issuer { get; init; } = ServiceAccountTokens.DefaultIssuer;

    /// <summary>What is on.</summary>
    public FeatureGates Features { get; init; } = FeatureGates.Default(KubernetesVersion.Newest);

    /// <summary>Audiences that the server takes tokens for (--api-audiences); empty = the issuer.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>The longest life of a service account token that is asked for; null = no limit (--service-account-max-token-expiration).</summary>
    public TimeSpan? MaxTokenExpiration { get; init; }

    /// <summary>Whether the tokens that every pod has stay valid for a year (--service-account-extend-token-expiration).</summary>
    public bool ExtendsTokenExpiration { get; init; } = true;

    /// <summary>Whether Secrets of kube-system may be tokens of joining nodes (--enable-bootstrap-token-auth, as kubeadm sets it).</summary>
    public bool AllowBootstrapTokens { get; init; } = true;

    /// <summary>Of Node, RBAC, Webhook, AlwaysAllow and AlwaysDeny, in the order in which they are asked (--authorization-mode).</summary>
    public IReadOnlyList<string> AuthorizationModes { get; init; } = ["Node", "RBAC"];

    /// <summary>Whom the mode Webhook asks (--authorization-webhook-config-file).</summary>
    public ReviewWebhookOptions AuthorizationWebhook { get; init; } = new() { CacheTime = TimeSpan.FromMinutes(5), RefusalCacheTime = TimeSpan.FromSeconds(30) };

    /// <summary>A file of issuers of tokens, and of who may come without a credential (--authentication-config); empty for none. It is read again when it changes.</summary>
    public string AuthenticationConfig { get; init; } = "";

    /// <summary>A file of authorizers, instead of the modes (--authorization-config); empty for none. It is read again when it changes.</summary>
    public string AuthorizationConfig { get; init; } = "";

    /// <summary>Which admission plugins run, and their settings.</summary>
    public AdmissionSettings Admission { get; init; } = new();

    /// <summary>Text of a static token file (token,user,uid,"group1,group2" a line); null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The OpenID Connect provider whose ID tokens are taken (--oidc-*).</summary>
    public OpenIdOptions OpenId { get; init; } = new();

    /// <summary>Who is asked about tokens that nobody else knows (--authentication-token-webhook-config-file).</summary>
    public ReviewWebhookOptions TokenWebhook { get; init; } = new() { CacheTime = TimeSpan.FromMinutes(2) };

    /// <summary>PEM of the authorities whose client certificates name users (--client-ca-file); null = the cluster's own.</summary>
    public string? ClientAuthorities { get; init; }

    /// <summary>Keys of service account tokens: the first signs, all verify (--service-account-signing-key-file, --service-account-key-file); empty = the cluster's own.</summary>
    public IReadOnlyList<SigningKey> ServiceAccountKeys { get; init; } = [];

    /// <summary>Whether requests without credential are those of system:anonymous (--anonymous-auth); null is yes, where <see cref="AuthenticationConfig"/> says nothing about it.</summary>
    public bool? AllowAnonymous { get; init; }

    /// <summary>Where clients reach the server, "https://192.168.49.2:8443"; for the OpenID configuration.</summary>
    public Func<string> ServerUrl { get; init; } = () => "https://kubernetes.default.svc";

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The clock of certificates, tokens and time-outs on connections; <see cref="Time"/> when not said.</summary>
    public TimeProvider WireTime
    {
        get => field ?? Time;
        init;
    }

    /// <summary>Where the log goes.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
