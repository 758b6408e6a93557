namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>ID tokens of the provider that the flags --oidc-* name.</summary>
internal sealed class OpenIdAuthenticator(OpenIdOptions options, OpenIdProviders providers, IReadOnlyList<string> apiAudiences, TimeProvider time)
    : IdTokenAuthenticator(providers, options.IssuerUrl, [options.ClientId], options.SigningAlgorithms, options.GroupsClaim, apiAudiences, time)
{
    private readonly string _prefix = options.UsernamePrefix switch
    {
        "-" => "",
        "" when options.UsernameClaim != "email" => options.IssuerUrl + "#",
        var prefix => prefix,
    };

    /// <summary>What of the options cannot be; null for nothing.</summary>
    public static string? Problem(OpenIdOptions options) =>
        options.IssuerUrl.Length == 0 || options.ClientId.Length == 0 ? "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set"
        : !options.IssuerUrl.StartsWith("https://", StringComparison.Ordinal) || !Uri.TryCreate(options.IssuerUrl, UriKind.Absolute, out _) ? "issuer.url: Invalid value: \"" + options.IssuerUrl + "\": URL scheme must be https"
        : options.SigningAlgorithms.FirstOrDefault(a => !OpenIdOptions.KnownAlgorithms.Contains(a)) is { } unknown ? $"oidc: unsupported signing alg: \"{unknown}\""
        : null;

    protected override UserInfo User(IdTokenClaims claims)
    {
        var name = NameBy(claims, options.UsernameClaim);
        IReadOnlyList<string> groups = [.. GroupsBy(claims, options.GroupsClaim, options.GroupsPrefix)];
        foreach (var (claim, value) in options.RequiredClaims)
        {
            Require(claims, claim, value);
        }

        var user = UserInfo.Of(_prefix + name, [.. groups.Where(g => g != UserNames.Authenticated)]);
        return CredentialOf(claims) is { Count: > 0 } extra ? user with { Extra = extra } : user;
    }
}
