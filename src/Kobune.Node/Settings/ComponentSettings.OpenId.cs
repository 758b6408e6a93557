using Kobune.ApiServer.Authentication.OpenId;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
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
