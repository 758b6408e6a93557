using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Tokens;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Authentication;

/// <summary>Tokens "id.secret" of joining nodes, kept as Secrets bootstrap-token-ID in kube-system (upstream's plugin/pkg/auth/authenticator/token/bootstrap).</summary>
public sealed class BootstrapTokenAuthenticator(IObjectReader objects, TimeProvider time) : ITokenAuthenticator
{
    private static readonly SearchValues<char> GroupCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789:-");

    /// <inheritdoc/>
    public async ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct)
    {
        if (!IsBootstrapToken(token))
        {
            return null;
        }

        var id = token[..6];
        var name = BootstrapTokenSecret.Prefix + id;
        var secret = await objects.FindOrGetAsync<Secret>(BootstrapTokenSecret.Namespace, name, ct);
        if (secret is null || secret.Type != BootstrapTokenSecret.SecretType || secret.Metadata.DeletionTimestamp is not null
            || !CryptographicOperations.FixedTimeEquals(BootstrapTokenSecret.Value(secret, "token-secret"), Encoding.UTF8.GetBytes(token[7..]))
            || BootstrapTokenSecret.Text(secret, "token-id") != id
            || IsExpired(secret)
            || BootstrapTokenSecret.Text(secret, "usage-bootstrap-authentication") != "true"
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

    private static string[]? Groups(Secret secret)
    {
        var extra = BootstrapTokenSecret.Text(secret, "auth-extra-groups").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return extra.All(IsBootstrapGroup) ? ["system:bootstrappers", .. extra] : null;
    }

    // system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]
    private static bool IsBootstrapGroup(string group)
    {
        const string prefix = "system:bootstrappers:";
        return group.StartsWith(prefix, StringComparison.Ordinal) && group.Length > prefix.Length && group.Length <= prefix.Length + 256
            && group.AsSpan(prefix.Length).IndexOfAnyExcept(GroupCharacters) < 0 && group[^1] is not (':' or '-');
    }

    private bool IsExpired(Secret secret) => BootstrapTokenSecret.Expiration(secret) is { } end && time.GetUtcNow() >= end;
}
