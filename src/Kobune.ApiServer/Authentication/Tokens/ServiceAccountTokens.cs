using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>Issuer and keys of service account tokens, and the signing of them.</summary>
/// <param name="issuer">"https://kubernetes.default.svc.cluster.local".</param>
/// <param name="keys">The first signs, all verify.</param>
/// <param name="time">The server's clock.</param>
public sealed class ServiceAccountTokens(string issuer, IReadOnlyList<SigningKey> keys, TimeProvider time)
{
    /// <summary>The issuer of a cluster with the usual domain.</summary>
    public const string DefaultIssuer = "https://kubernetes.default.svc.cluster.local";

    /// <summary>Issuer URL.</summary>
    public string Issuer => issuer;

    /// <summary>Audiences of the API server itself (upstream: --api-audiences, by default the issuer).</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [issuer];

    /// <summary>What is on: tokens of older releases say less.</summary>
    public FeatureGates Features { get; init; } = FeatureGates.Default(KubernetesVersion.Newest);

    /// <summary>The longest life of a token that somebody asks for; null = no limit of its own (upstream: --service-account-max-token-expiration).</summary>
    public TimeSpan? MaxExpiration { get; init; }

    /// <summary>Whether the tokens that every pod has stay valid for a year (upstream: --service-account-extend-token-expiration).</summary>
    public bool ExtendsExpiration { get; init; } = true;

    internal IReadOnlyList<SigningKey> Keys => keys;

    /// <summary>A token that never expires, for a Secret of type kubernetes.io/service-account-token.</summary>
    public string IssueForSecret(string @namespace, string name, string uid, string secret) => JsonWebToken.Sign(keys[0], new ServiceAccountClaims
    {
        Issuer = ServiceAccountClaims.LegacyIssuer,
        Subject = UserNames.ServiceAccount(@namespace, name),
        Namespace = @namespace,
        ServiceAccount = new(name, uid),
        Secret = new(secret, ""),
    }.Write());

    internal string Issue(string @namespace, ObjectClaim account, IReadOnlyList<string> audiences, long seconds, long? warnAfterSeconds, ObjectClaim? pod, ObjectClaim? node, ObjectClaim? secret)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return JsonWebToken.Sign(keys[0], new ServiceAccountClaims
        {
            Issuer = issuer,
            Subject = UserNames.ServiceAccount(@namespace, account.Name),
            Namespace = @namespace,
            ServiceAccount = account,
            Audiences = audiences,
            Id = Features.IsEnabled("ServiceAccountTokenJTI") ? Guid.NewGuid().ToString() : "",
            IssuedAt = now,
            NotBefore = now,
            Expiry = now + seconds,
            WarnAfter = warnAfterSeconds is { } after ? now + after : null,
            Pod = pod,
            Node = pod is null || Features.IsEnabled("ServiceAccountTokenPodNodeInfo") ? node : null,
            Secret = secret,
        }.Write());
    }
}
