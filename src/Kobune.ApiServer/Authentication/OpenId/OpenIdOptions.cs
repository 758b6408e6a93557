namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>An OpenID Connect provider whose ID tokens name users (--oidc-*).</summary>
public sealed record OpenIdOptions
{
    /// <summary>The algorithms that a provider may sign with.</summary>
    public static IReadOnlyList<string> KnownAlgorithms { get; } = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];

    /// <summary>The provider's URL with scheme https, which tokens name as their issuer; empty is no provider.</summary>
    public string IssuerUrl { get; init; } = "";

    /// <summary>The audience that tokens must have.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The claim with the user's name.</summary>
    public string UsernameClaim { get; init; } = "sub";

    /// <summary>What user names begin with; "-" for nothing, empty for the issuer and '#' when the claim is not email.</summary>
    public string UsernamePrefix { get; init; } = "";

    /// <summary>The claim with the user's groups, a text or a list; empty for none.</summary>
    public string GroupsClaim { get; init; } = "";

    /// <summary>What groups begin with.</summary>
    public string GroupsPrefix { get; init; } = "";

    /// <summary>Claims that tokens must have with these values.</summary>
    public IReadOnlyDictionary<string, string> RequiredClaims { get; init; } = new Dictionary<string, string>();

    /// <summary>PEM file of the authorities that the provider's certificate is verified with; empty for the machine's.</summary>
    public string AuthorityFile { get; init; } = "";

    /// <summary>PEM text of the same, where it is no file.</summary>
    public string Authority { get; init; } = "";

    /// <summary>Where the provider's configuration is, when not below its URL.</summary>
    public string DiscoveryUrl { get; init; } = "";

    /// <summary>The algorithms that tokens may be signed with.</summary>
    public IReadOnlyList<string> SigningAlgorithms { get; init; } = ["RS256"];
}
