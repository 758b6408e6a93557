using Kobune.ApiServer.Authentication.OpenId;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    /// <summary>A file of issuers. It is of the node, and is read when the server starts and when it has changed.</summary>
    /// <exception cref="FormatException">The provider is given by flags too.</exception>
    private string? AuthenticationConfig() =>
        Text("apiserver.authentication-config") is not null && _values.Keys.Any(k => k.StartsWith("apiserver.oidc-", StringComparison.Ordinal))
            ? throw new FormatException("authentication-config file and oidc-* flags are mutually exclusive")
            : Text("apiserver.authentication-config");

    /// <summary>Whose ID tokens are taken. The file is of the node, and is read when the server starts.</summary>
    private OpenIdOptions OpenId(OpenIdOptions provider) => provider with
    {
        IssuerUrl = Text("apiserver.oidc-issuer-url") ?? provider.IssuerUrl,
        ClientId = Text("apiserver.oidc-client-id") ?? provider.ClientId,
        UsernameClaim = Text("apiserver.oidc-username-claim") ?? provider.UsernameClaim,
        UsernamePrefix = Text("apiserver.oidc-username-prefix") ?? provider.UsernamePrefix,
        GroupsClaim = Text("apiserver.oidc-groups-claim") ?? provider.GroupsClaim,
        GroupsPrefix = Text("apiserver.oidc-groups-prefix") ?? provider.GroupsPrefix,
        RequiredClaims = Text("apiserver.oidc-required-claim") is { } claims ? SettingValues.Pairs(claims) ?? provider.RequiredClaims : provider.RequiredClaims,
        AuthorityFile = Text("apiserver.oidc-ca-file") ?? provider.AuthorityFile,
        SigningAlgorithms = List("apiserver.oidc-signing-algs") is { Count: > 0 } algorithms ? algorithms : provider.SigningAlgorithms,
    };
}
