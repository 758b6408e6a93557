using System.Globalization;
using Kobune.ApiServer.Authentication.Tokens;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>ID tokens of an OpenID Connect provider. Source: k8s.io/apiserver, plugin/authenticator/token/oidc.</summary>
internal sealed class OpenIdAuthenticator(OpenIdOptions options, OpenIdProvider provider, IReadOnlyList<string> apiAudiences, TimeProvider time) : ITokenAuthenticator
{
    private const string Email = "email";

    // Clocks may differ a little: upstream's leeway for what begins later.
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    private readonly string _prefix = options.UsernamePrefix switch
    {
        "-" => "",
        "" when options.UsernameClaim != Email => options.IssuerUrl + "#",
        var prefix => prefix,
    };

    /// <summary>What of the options cannot be; null for nothing.</summary>
    public static string? Problem(OpenIdOptions options) =>
        options.IssuerUrl.Length == 0 || options.ClientId.Length == 0 ? "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set"
        : !options.IssuerUrl.StartsWith("https://", StringComparison.Ordinal) || !Uri.TryCreate(options.IssuerUrl, UriKind.Absolute, out _) ? "issuer.url: Invalid value: \"" + options.IssuerUrl + "\": URL scheme must be https"
        : options.SigningAlgorithms.FirstOrDefault(a => !OpenIdOptions.KnownAlgorithms.Contains(a)) is { } unknown ? $"oidc: unsupported signing alg: \"{unknown}\""
        : null;

    public async ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct)
    {
        IReadOnlyList<string> shared = [.. audiences.Where(apiAudiences.Contains)];
        if ((audiences.Count > 0 && shared.Count == 0) || !JsonWebToken.TryTakeApart(token, out var parts) || ServiceAccountClaims.ReadIssuer(parts.Payload) != options.IssuerUrl)
        {
            return null;
        }

        try
        {
            await provider.WaitAsync(ct);
            var claims = new IdTokenClaims(parts.Payload);
            Check(claims, parts);
            return await provider.HasSignedAsync(parts, ct)
                ? new(User(claims), shared, null)
                : TokenResult.Refused("oidc: verify token: failed to verify signature: failed to verify id token signature");
        }
        catch (OpenIdException e)
        {
            return TokenResult.Refused(e.Message);
        }
    }

    private static string Show(DateTimeOffset? moment) => (moment ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", CultureInfo.InvariantCulture);

    private static string Show(IEnumerable<string> texts) => "[" + string.Join(' ', texts.Select(t => $"\"{t}\"")) + "]";

    private void Check(IdTokenClaims claims, TokenParts parts)
    {
        const string Verify = "oidc: verify token: oidc: ";
        var now = time.GetUtcNow();
        var audiences = claims.Has("aud") ? claims.Texts("aud", Verify + "failed to unmarshal claims") : [];
        if (!audiences.Contains(options.ClientId))
        {
            throw new OpenIdException($"{Verify}expected audience \"{options.ClientId}\" got {Show(audiences)}");
        }

        var expiry = claims.Time("exp");
        if (expiry is null || expiry < now)
        {
            throw new OpenIdException($"{Verify}token is expired (Token Expiry: {Show(expiry)})");
        }

        if (claims.Time("nbf") is { } begin && now + Leeway < begin)
        {
            throw new OpenIdException($"{Verify}current time {Show(now)} before the nbf (not before) time: {Show(begin)}");
        }

        if (!options.SigningAlgorithms.Contains(parts.Algorithm))
        {
            throw new OpenIdException($"{Verify}id token signed with unsupported algorithm, expected {Show(options.SigningAlgorithms)} got \"{parts.Algorithm}\"");
        }
    }

    private UserInfo User(IdTokenClaims claims)
    {
        var name = claims.Text(options.UsernameClaim, $"oidc: parse username claims \"{options.UsernameClaim}\"");
        if (options.UsernameClaim == Email && claims.Has("email_verified") && !claims.Flag("email_verified", "oidc: parse 'email_verified' claim"))
        {
            throw new OpenIdException("oidc: email not verified");
        }

        IReadOnlyList<string> groups = options.GroupsClaim.Length > 0 && claims.Has(options.GroupsClaim)
            ? [.. claims.Texts(options.GroupsClaim, $"oidc: parse groups claim \"{options.GroupsClaim}\"").Select(g => options.GroupsPrefix + g)]
            : [];
        foreach (var (claim, value) in options.RequiredClaims)
        {
            Require(claims, claim, value);
        }

        var user = UserInfo.Of(_prefix + name, [.. groups.Where(g => g != UserNames.Authenticated)]);
        return claims.Has("jti") && claims.Text("jti", "jti") is { Length: > 0 } id
            ? user with { Extra = new Dictionary<string, IReadOnlyList<string>> { [UserNames.CredentialIdKey] = ["JTI=" + id] } }
            : user;
    }

    private static void Require(IdTokenClaims claims, string claim, string value)
    {
        if (!claims.Has(claim))
        {
            throw new OpenIdException($"oidc: required claim {claim} not present in ID token");
        }

        var given = claims.Text(claim, $"oidc: parse claim {claim}");
        if (given != value)
        {
            throw new OpenIdException($"oidc: required claim {claim} value does not match. Got = {given}, want = {value}");
        }
    }
}
