namespace Kobune.ApiServer.Authentication;

/// <summary>One kind of bearer token; also asked by TokenReview. Null = not my kind of token.</summary>
public interface ITokenAuthenticator
{
    /// <summary>Looks at a token. <paramref name="audiences"/> are those that the asker stands for; the token must be meant for one of them.</summary>
    ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct);
}

/// <summary>A known user with the audiences that token and asker share, or why the token is refused.</summary>
public sealed record TokenResult(UserInfo? User, IReadOnlyList<string> Audiences, string? Failure)
{
    /// <summary>A token that is refused.</summary>
    public static TokenResult Refused(string failure) => new(null, [], failure);
}

/// <summary>All kinds of tokens in order; the first that knows the token decides, failures of the others are collected in upstream's form.</summary>
public sealed class TokenAuthenticators(IReadOnlyList<ITokenAuthenticator> kinds) : ITokenAuthenticator
{
    /// <inheritdoc/>
    public async ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct)
    {
        List<string>? failures = null;
        foreach (var kind in kinds)
        {
            var result = await kind.AuthenticateTokenAsync(token, audiences, ct);
            if (result?.User is not null)
            {
                return result;
            }

            if (result is not null)
            {
                (failures ??= []).Add(result.Failure ?? "invalid bearer token");
            }
        }

        return failures is null ? null : TokenResult.Refused(failures is [var one] ? one : $"[{string.Join(", ", failures)}]");
    }
}
