using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Authentication;

/// <summary>Tokens "id.secret" of joining nodes, kept as Secrets bootstrap-token-ID in kube-system (upstream's plugin/pkg/auth/authenticator/token/bootstrap).</summary>
public sealed class BootstrapTokenAuthenticator(IObjectReader objects, TimeProvider time) : ITokenAuthenticator
{
    private static readonly SearchValues<char> GroupCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789:-");
    private const string SecretType = "bootstrap.kubernetes.io/token";

    /// <inheritdoc/>
    public async ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct)
    {
        if (!IsBootstrapToken(token))
        {
            return null;
        }

        var id = token[..6];
        var name = "bootstrap-token-" + id;
        var secret = await objects.FindOrGetAsync<Secret>("kube-system", name, ct);
        if (secret is null || secret.Type != SecretType || secret.Metadata.DeletionTimestamp is not null
            || !CryptographicOperations.FixedTimeEquals(Value(secret, "token-secret"), Encoding.UTF8.GetBytes(token[7..]))
            || Text(secret, "token-id") != id
            || IsExpired(secret)
            || Text(secret, "usage-bootstrap-authentication") != "true"
            || Groups(secret) is not { } groups)
        {
            return null;
        }

        return new(UserInfo.Of("system:bootstrap:" + id, groups), audiences, null);
    }

    private static bool IsBootstrapToken(string token)
    {
        if (token.Length != 23 || token[6] != '.')
        {
            return false;
        }

        for (var i = 0; i < token.Length; i++)
        {
            if (i != 6 && !char.IsAsciiLetterLower(token[i]) && !char.IsAsciiDigit(token[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static ReadOnlySpan<byte> Value(Secret secret, string key) => secret.Data.TryGetValue(key, out var value) ? value.Span : default;

    private static string Text(Secret secret, string key) => Encoding.UTF8.GetString(Value(secret, key));

    private static string[]? Groups(Secret secret)
    {
        var extra = Text(secret, "auth-extra-groups").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return extra.All(IsBootstrapGroup) ? ["system:bootstrappers", .. extra] : null;
    }

    // system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]
    private static bool IsBootstrapGroup(string group)
    {
        const string prefix = "system:bootstrappers:";
        return group.StartsWith(prefix, StringComparison.Ordinal) && group.Length > prefix.Length && group.Length <= prefix.Length + 256
            && group.AsSpan(prefix.Length).IndexOfAnyExcept(GroupCharacters) < 0 && group[^1] is not (':' or '-');
    }

    // An expiration that cannot be read counts as passed.
    private bool IsExpired(Secret secret) =>
        Text(secret, "expiration") is { Length: > 0 } text
        && (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) || time.GetUtcNow() >= end);
}
