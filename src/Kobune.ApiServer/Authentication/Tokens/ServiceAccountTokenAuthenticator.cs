using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>
/// Service account tokens. The signature of a token is checked once and remembered; its dates, its account and the pod, node or Secret that it is
/// bound to are looked at on every request, so that deleting one of them ends the token at once (upstream's pkg/serviceaccount).
/// </summary>
public sealed class ServiceAccountTokenAuthenticator(ServiceAccountTokens tokens, IObjectReader objects, TimeProvider time, LegacyTokenUses? uses = null) : ITokenAuthenticator
{
    private const string Invalidated = "service account token has been invalidated";
    private const int MaxRemembered = 4096;

    // Clocks may differ a little, and a pod being deleted still needs its token for its last words: upstream's leeways.
    private const long LeewaySeconds = 60;

    private readonly ConcurrentDictionary<string, Verified> _verified = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct)
    {
        if (!_verified.TryGetValue(token, out var verified))
        {
            if (!JsonWebToken.TryReadPayload(token, out var payload) || ServiceAccountClaims.ReadIssuer(payload) is not { } issuer
                || (issuer != tokens.Issuer && issuer != ServiceAccountClaims.LegacyIssuer))
            {
                return null;
            }

            if (!JsonWebToken.IsSignedBy(token, tokens.Keys))
            {
                return TokenResult.Refused("invalid signature, no keys found that verify the token");
            }

            if (ServiceAccountClaims.Read(payload) is not { } claims)
            {
                return TokenResult.Refused("service account token claims could not be read");
            }

            verified = new(claims, ToUser(claims));
            Remember(token, verified);
        }

        var shared = SharedAudiences(verified.Claims, audiences);
        var failure = shared.Count == 0 && audiences.Count > 0 ? $"token audiences {Show(verified.Claims.Audiences)} is invalid for the target audiences {Show(audiences)}"
            : CheckTimes(verified.Claims) ?? await CheckObjectsAsync(token, verified.Claims, ct);
        return failure is null ? new(verified.User, shared, null) : TokenResult.Refused(failure);
    }

    private static string Show(IReadOnlyList<string> items) => "[" + string.Join(" ", items.Select(i => $"\"{i}\"")) + "]";

    private static UserInfo ToUser(ServiceAccountClaims claims)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>();
        Add(UserNames.PodNameKey, claims.Pod?.Name);
        Add(UserNames.PodUidKey, claims.Pod?.Uid);
        Add(UserNames.NodeNameKey, claims.Node?.Name);
        Add(UserNames.NodeUidKey, claims.Node?.Uid);
        Add(UserNames.CredentialIdKey, claims.Id.Length > 0 ? "JTI=" + claims.Id : null);
        return UserInfo.OfServiceAccount(claims.Namespace, claims.ServiceAccount.Name, claims.ServiceAccount.Uid) with { Extra = extra };

        void Add(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                extra[key] = [value];
            }
        }
    }

    // A token without audiences (of a Secret) is meant for the API server.
    private IReadOnlyList<string> SharedAudiences(ServiceAccountClaims claims, IReadOnlyList<string> audiences)
    {
        var own = claims.Audiences.Count > 0 ? claims.Audiences : tokens.Audiences;
        return [.. audiences.Where(own.Contains)];
    }

    private string? CheckTimes(ServiceAccountClaims claims)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return claims.NotBefore > now + LeewaySeconds ? "service account token is not valid yet"
            : claims.IssuedAt > now + LeewaySeconds ? "service account token was issued in the future"
            : claims.Expiry < now - LeewaySeconds ? "service account token has expired"
            : claims.Expiry is null && claims.Issuer != ServiceAccountClaims.LegacyIssuer ? "service account token has no expiry"
            : null;
    }

    private async ValueTask<string?> CheckObjectsAsync(string token, ServiceAccountClaims claims, CancellationToken ct)
    {
        if (claims.Subject != UserNames.ServiceAccount(claims.Namespace, claims.ServiceAccount.Name))
        {
            return "service account token subject does not match its claims";
        }

        if (await FindAsync<ServiceAccount>(claims.Namespace, claims.ServiceAccount, ct) is not { } account)
        {
            return $"serviceaccounts \"{claims.ServiceAccount.Name}\" not found";
        }

        if (account.Metadata.Uid != claims.ServiceAccount.Uid)
        {
            return $"service account UID ({account.Metadata.Uid}) does not match claim ({claims.ServiceAccount.Uid})";
        }

        if (IsGone(account.Metadata))
        {
            return Invalidated;
        }

        if (claims.Issuer == ServiceAccountClaims.LegacyIssuer)
        {
            return await CheckSecretTokenAsync(token, claims, ct);
        }

        return claims.Secret is { } secret && !await IsLiveAsync<Secret>(claims.Namespace, secret, ct) ? Invalidated
            : claims.Pod is { } pod && !await IsLiveAsync<Pod>(claims.Namespace, pod, ct) ? Invalidated
            : claims.Pod is null && claims.Node is { } node && !await IsLiveAsync<Node>("", node, ct) ? Invalidated
            : null;
    }

    private async ValueTask<string?> CheckSecretTokenAsync(string token, ServiceAccountClaims claims, CancellationToken ct)
    {
        var name = claims.Secret?.Name ?? "";
        var secret = await objects.FindOrGetAsync<Secret>(claims.Namespace, name, ct);
        if (secret is null || IsGone(secret.Metadata) || !secret.Data.TryGetValue("token", out var kept) || !CryptographicOperations.FixedTimeEquals(kept.Span, Encoding.UTF8.GetBytes(token)))
        {
            return Invalidated;
        }

        uses?.Note(secret, time.GetUtcNow());
        return secret.Metadata.Labels.GetValueOrDefault(LegacyTokenUses.InvalidSince, "").Length == 0
            ? null
            : $"the token in secret {claims.Namespace}/{name} for service account {claims.Namespace}/{claims.ServiceAccount.Name} has been marked invalid. "
                + "Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the "
                + $"'{LegacyTokenUses.InvalidSince}' label from the secret to temporarily allow use of this token";
    }

    private async ValueTask<bool> IsLiveAsync<T>(string @namespace, ObjectClaim claim, CancellationToken ct)
        where T : class, IKubernetesObject<T> =>
        await FindAsync<T>(@namespace, claim, ct) is { } found && found.Metadata.Uid == claim.Uid && !IsGone(found.Metadata);

    // The cache may not have seen an object that was made a moment ago: before a token is refused, the store is asked.
    private async ValueTask<T?> FindAsync<T>(string @namespace, ObjectClaim claim, CancellationToken ct)
        where T : class, IKubernetesObject<T> =>
        objects.Find<T>(@namespace, claim.Name) is { } cached && cached.Metadata.Uid == claim.Uid ? cached : await objects.GetAsync<T>(@namespace, claim.Name, ct);

    private bool IsGone(ObjectMeta metadata) => metadata.DeletionTimestamp is { } end && end.ToUnixTimeSeconds() < time.GetUtcNow().ToUnixTimeSeconds() - LeewaySeconds;

    private void Remember(string token, Verified verified)
    {
        if (_verified.Count >= MaxRemembered)
        {
            _verified.Clear(); // rare: thousands of live tokens; each is verified once more
        }

        _verified[token] = verified;
    }

    private sealed record Verified(ServiceAccountClaims Claims, UserInfo User);
}
