using System.Globalization;
using Kobune.ApiServer.Authentication.Tokens;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>ID tokens of one issuer: verified, and then read as users. Source: k8s.io/apiserver, plugin/authenticator/token/oidc.</summary>
/// <param name="providers">Whose keys sign them.</param>
/// <param name="issuer">Whom they name.</param>
/// <param name="clients">The audiences of which they must have one.</param>
/// <param name="algorithms">What they may be signed with.</param>
/// <param name="distributed">A claim that may lie elsewhere; empty for none.</param>
/// <param name="apiAudiences">The server's audiences.</param>
/// <param name="time">The clock.</param>
internal abstract class IdTokenAuthenticator(OpenIdProviders providers, string issuer, IReadOnlyList<string> clients, IReadOnlyList<string> algorithms, string distributed, IReadOnlyList<string> apiAudiences, TimeProvider time) : ITokenAuthenticator
{
    // Clocks may differ a little: upstream's leeway for what begins later.
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    public async ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct)
    {
        IReadOnlyList<string> shared = [.. audiences.Where(apiAudiences.Contains)];
        if ((audiences.Count > 0 && shared.Count == 0) || !JsonWebToken.TryTakeApart(token, out var parts) || ServiceAccountClaims.ReadIssuer(parts.Payload) != issuer)
        {
            return null;
        }

        try
        {
            await providers.Main.WaitAsync(ct);
            var claims = await VerifyAsync(providers.Main, parts, "oidc: verify token: ", ct);
            await ExpandAsync(claims, ct);
            return new(User(claims), shared, null);
        }
        catch (OpenIdException e)
        {
            return TokenResult.Refused(e.Message);
        }
    }

    /// <summary>The user that verified claims name.</summary>
    /// <exception cref="OpenIdException">They name none that is taken.</exception>
    protected abstract UserInfo User(IdTokenClaims claims);

    /// <summary>The token's identifier among what else is known of the user.</summary>
    protected static Dictionary<string, IReadOnlyList<string>> CredentialOf(IdTokenClaims claims) =>
        claims.TextOrNone("jti") is { Length: > 0 } id ? new() { [UserNames.CredentialIdKey] = ["JTI=" + id] } : [];

    /// <summary>Claims must have this value.</summary>
    protected static void Require(IdTokenClaims claims, string claim, string value)
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

    /// <summary>The user's name by a claim; an address that was not verified names nobody.</summary>
    protected static string NameBy(IdTokenClaims claims, string claim)
    {
        const string Email = "email";
        var name = claims.Text(claim, $"oidc: parse username claims \"{claim}\"");
        return claim == Email && claims.Has("email_verified") && !claims.Flag("email_verified", "oidc: parse 'email_verified' claim") ? throw new OpenIdException("oidc: email not verified") : name;
    }

    /// <summary>The user's groups by a claim; none when it is not there.</summary>
    protected static IEnumerable<string> GroupsBy(IdTokenClaims claims, string claim, string prefix) =>
        claim.Length > 0 && claims.Has(claim) ? claims.Texts(claim, $"oidc: parse groups claim \"{claim}\"").Select(g => prefix + g) : [];

    private static string Show(DateTimeOffset? moment) => (moment ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", CultureInfo.InvariantCulture);

    private static string Show(IEnumerable<string> texts) => "[" + string.Join(' ', texts.Select(t => $"\"{t}\"")) + "]";

    private async Task<IdTokenClaims> VerifyAsync(OpenIdProvider signer, TokenParts parts, string problem, CancellationToken ct)
    {
        var claims = new IdTokenClaims(parts.Payload);
        Check(claims, parts, problem + "oidc: ");
        try
        {
            return await signer.HasSignedAsync(parts, ct) ? claims : throw new OpenIdException("failed to verify signature: failed to verify id token signature");
        }
        catch (OpenIdException e)
        {
            throw new OpenIdException(problem + e.Message);
        }
    }

    /// <summary>Fetches the claim that lies elsewhere.</summary>
    private async Task ExpandAsync(IdTokenClaims claims, CancellationToken ct)
    {
        const string Problem = "oidc: could not expand distributed claims: ";
        if (distributed.Length == 0 || await TryAsync(Problem, () => Task.FromResult(DistributedClaims.Find(claims, distributed))) is not var (endpoint, accessToken))
        {
            return;
        }

        var token = await TryAsync($"{Problem}while getting distributed claim \"{distributed}\": ", () => providers.FetchTokenAsync(endpoint, accessToken, ct));
        if (!JsonWebToken.TryTakeApart(token, out var parts) || ServiceAccountClaims.ReadIssuer(parts.Payload) is not { } issued)
        {
            throw new OpenIdException($"{Problem}getting untrusted issuer from endpoint {endpoint} failed for claim \"{distributed}\": malformed token");
        }

        var signer = providers.Of(issued);
        try
        {
            await signer.WaitAsync(ct);
        }
        catch (OpenIdException)
        {
            throw new OpenIdException($"{Problem}verifying untrusted issuer {issued} failed: verifier not initialized for issuer: \"{issued}\"");
        }

        var others = await VerifyAsync(signer, parts, Problem + "verify distributed claim token: ", ct);
        claims.Put(distributed, others.Find(distributed) ?? throw new OpenIdException($"{Problem}jwt returned by distributed claim endpoint \"{endpoint}\" did not contain claim: {distributed}"));
    }

    private static async Task<T> TryAsync<T>(string problem, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (OpenIdException e)
        {
            throw new OpenIdException(problem + e.Message);
        }
    }

    private void Check(IdTokenClaims claims, TokenParts parts, string problem)
    {
        var now = time.GetUtcNow();
        var audiences = claims.Has("aud") ? claims.Texts("aud", problem + "failed to unmarshal claims") : [];
        if (!audiences.Any(clients.Contains))
        {
            throw new OpenIdException(clients is [var client]
                ? $"{problem}expected audience \"{client}\" got {Show(audiences)}"
                : $"{problem}expected audience in {Show(clients.Order(StringComparer.Ordinal))} got {Show(audiences)}");
        }

        var expiry = claims.Time("exp");
        if (expiry is null || expiry < now)
        {
            throw new OpenIdException($"{problem}token is expired (Token Expiry: {Show(expiry)})");
        }

        if (claims.Time("nbf") is { } begin && now + Leeway < begin)
        {
            throw new OpenIdException($"{problem}current time {Show(now)} before the nbf (not before) time: {Show(begin)}");
        }

        if (!algorithms.Contains(parts.Algorithm))
        {
            throw new OpenIdException($"{problem}id token signed with unsupported algorithm, expected {Show(algorithms)} got \"{parts.Algorithm}\"");
        }
    }
}
