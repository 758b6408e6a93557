using Kobune.ApiServer.Authentication.OpenId;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    /// <summary>A file of issuers. It is of the node, and is read when the server starts and when it has changed.</summary>
    /// <exception cref="FormatException">The provider is given by flags too.</exception>
    private string? AuthenticationConfig() =>
        FileInsteadOf(k => k.StartsWith("apiserver.oidc-", StringComparison.Ordinal), "apiserver.authentication-config", _ => "authentication-config file and oidc-* flags are mutually exclusive");

    /// <summary>A file that says what flags say otherwise; null when it is not given.</summary>
    private string? FileInsteadOf(Func<string, bool> isRival, string name, Func<string, string> refusal) =>
        Text(name) is not { } file ? null : _values.Keys.Any(isRival) ? throw new FormatException(refusal(file)) : file;

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
