using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization;

/// <summary>Asks authorizers in order: system:masters may everything, then those of --authorization-mode. When none decides, the reasons and errors of all are kept for the refusal.</summary>
public sealed class AuthorizerChain(params IReadOnlyList<IAuthorizer> authorizers) : IAuthorizer
{
    /// <inheritdoc/>
    public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        foreach (var group in user.Groups)
        {
            if (group == UserNames.Masters)
            {
                return new(new AuthorizationResult(Decision.Allow, ""));
            }
        }

        var none = AuthorizationResult.None;
        for (var i = 0; i < authorizers.Count; i++)
        {
            var pending = authorizers[i].AuthorizeAsync(user, request, ct);
            if (!pending.IsCompletedSuccessfully)
            {
                return ContinueAsync(pending, i + 1, none, user, request, ct);
            }

            var result = pending.GetAwaiter().GetResult();
            if (result.Decision != Decision.NoOpinion)
            {
                return new(result);
            }

            none = Join(none, result);
        }

        return new(none);
    }

    private static AuthorizationResult Join(AuthorizationResult one, AuthorizationResult other) =>
        new(Decision.NoOpinion, Join(one.Reason, other.Reason, "\n")) { Error = Join(one.Error, other.Error, ", ") };

    private static string Join(string one, string other, string between) => one.Length == 0 ? other : other.Length == 0 ? one : one + between + other;

    private async ValueTask<AuthorizationResult> ContinueAsync(ValueTask<AuthorizationResult> pending, int next, AuthorizationResult none, UserInfo user, RequestInfo request, CancellationToken ct)
    {
        var result = await pending;
        while (result.Decision == Decision.NoOpinion)
        {
            none = Join(none, result);
            if (next == authorizers.Count)
            {
                return none;
            }

            result = await authorizers[next++].AuthorizeAsync(user, request, ct);
        }

        return result;
    }
}
