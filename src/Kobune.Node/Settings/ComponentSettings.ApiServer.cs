using Kobune.Api.Schema;
using Kobune.ApiServer;
using Kobune.ApiServer.Admission;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    /// <summary>apiserver.service-node-port-range.</summary>
    public (int First, int Last)? NodePorts => Text("apiserver.service-node-port-range") is { } text ? SettingValues.Ports(text) : null;

    /// <summary>What authenticates, authorizes and admits.</summary>
    /// <param name="defaults">What is not set.</param>
    /// <param name="read">Reads a file of the node.</param>
    public ServerSecurityOptions Security(ServerSecurityOptions defaults, Func<string, string> read)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        ArgumentNullException.ThrowIfNull(read);
        var issuer = Text("apiserver.service-account-issuer") ?? defaults.Issuer;
        return defaults with
        {
            Issuer = issuer,
            Audiences = List("apiserver.api-audiences") is { Count: > 0 } audiences ? audiences : defaults.Audiences,
            AllowAnonymous = Flag("apiserver.anonymous-auth") ?? defaults.AllowAnonymous,
            AllowBootstrapTokens = Flag("apiserver.enable-bootstrap-token-auth") ?? defaults.AllowBootstrapTokens,
            TokenFile = Text("apiserver.token-auth-file") is { } path ? read(path) : defaults.TokenFile,
            OpenId = OpenId(defaults.OpenId),
            TokenWebhook = TokenWebhook(defaults.TokenWebhook),
            AuthorizationWebhook = AuthorizationWebhook(defaults.AuthorizationWebhook),
            AuthenticationConfig = AuthenticationConfig() ?? defaults.AuthenticationConfig,
            AuthorizationConfig = AuthorizationConfig() ?? defaults.AuthorizationConfig,
            AuthorizationModes = List("apiserver.authorization-mode") is { Count: > 0 } modes ? modes : defaults.AuthorizationModes,
            MaxTokenExpiration = Duration("apiserver.service-account-max-token-expiration") ?? defaults.MaxTokenExpiration,
            ExtendsTokenExpiration = Flag("apiserver.service-account-extend-token-expiration") ?? defaults.ExtendsTokenExpiration,
            Admission = new AdmissionSettings
            {
                Enabled = List("apiserver.enable-admission-plugins"),
                Disabled = List("apiserver.disable-admission-plugins"),
                ConfigFile = Text("apiserver.admission-control-config-file") ?? defaults.Admission.ConfigFile,
                NotReadySeconds = Number("apiserver.default-not-ready-toleration-seconds") ?? defaults.Admission.NotReadySeconds,
                UnreachableSeconds = Number("apiserver.default-unreachable-toleration-seconds") ?? defaults.Admission.UnreachableSeconds,
            },
        };
    }

    /// <summary>Which versions are served that are not by default.</summary>
    public RuntimeConfig RuntimeConfig => RuntimeConfig.TryParse(Text("apiserver.runtime-config") ?? "") ?? RuntimeConfig.Default;

    /// <summary>What the server serves, and how much at once.</summary>
    public ApiServerOptions Server(ApiServerOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        return defaults with
        {
            RuntimeConfig = RuntimeConfig,
            Audit = Audit(defaults.Audit),
            EnablesFairness = Flag("apiserver.enable-priority-and-fairness") ?? defaults.EnablesFairness,
            EventTimeToLive = Duration("apiserver.event-ttl") ?? defaults.EventTimeToLive,
            MaxReadsInFlight = Number("apiserver.max-requests-inflight") ?? defaults.MaxReadsInFlight,
            MaxWritesInFlight = Number("apiserver.max-mutating-requests-inflight") ?? defaults.MaxWritesInFlight,
            MinRequestTimeout = Number("apiserver.min-request-timeout") is { } seconds ? TimeSpan.FromSeconds(seconds) : defaults.MinRequestTimeout,
        };
    }

    /// <summary>Admission plugins that were asked for and that upstream alone has.</summary>
    public IReadOnlyList<string> AbsentPlugins => [.. List("apiserver.enable-admission-plugins").Where(AdmissionPlugins.Absent.Contains)];
}
