using System.Globalization;
using System.Text;
using Kobune.Api.Core.V1;

namespace Kobune.Api.Tokens;

/// <summary>A bootstrap token "ID.SECRET" as the Secret bootstrap-token-ID in kube-system. Source: k8s.io/cluster-bootstrap.</summary>
public static class BootstrapTokenSecret
{
    /// <summary>The type of such Secrets.</summary>
    public const string SecretType = "bootstrap.kubernetes.io/token";

    /// <summary>What their names begin with.</summary>
    public const string Prefix = "bootstrap-token-";

    /// <summary>Where they are.</summary>
    public const string Namespace = "kube-system";

    /// <summary>A value as bytes; empty when it is missing.</summary>
    public static ReadOnlySpan<byte> Value(Secret secret, string key) => secret.Data.TryGetValue(key, out var value) ? value.Span : default;

    /// <summary>A value as text; empty when it is missing.</summary>
    public static string Text(Secret secret, string key) => Encoding.UTF8.GetString(Value(secret, key));

    /// <summary>When it expires: null for never, the beginning of time when that cannot be read.</summary>
    public static DateTimeOffset? Expiration(Secret secret) =>
        Text(secret, "expiration") is not { Length: > 0 } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) ? end
        : DateTimeOffset.MinValue;

    /// <summary>ID and secret of one that signs; null for all others.</summary>
    public static (string Id, ReadOnlyMemory<byte> Key)? SigningKey(Secret secret, DateTimeOffset now)
    {
        var id = Text(secret, "token-id");
        return secret.Type == SecretType && id.Length > 0 && secret.Metadata.Name == Prefix + id && Value(secret, "token-secret").Length > 0
            && (Expiration(secret) is not { } end || now < end) && Text(secret, "usage-bootstrap-signing") == "true"
                ? (id, secret.Data["token-secret"])
                : null;
    }
}
