using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization;

/// <summary>Asks authorizers in order: system:masters may everything, then Node, then RBAC (upstream's order). When none decides, the reasons of all are kept for the refusal.</summary>
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

        string reason = "";
        for (var i = 0; i < authorizers.Count; i++)
        {
            var pending = authorizers[i].AuthorizeAsync(user, request, ct);
            if (!pending.IsCompletedSuccessfully)
            {
                return ContinueAsync(pending, i + 1, reason, user, request, ct);
            }

            var result = pending.GetAwaiter().GetResult();
            if (result.Decision != Decision.NoOpinion)
            {
                return new(result);
            }

            reason = Join(reason, result.Reason);
        }

        return new(new AuthorizationResult(Decision.NoOpinion, reason));
    }

    private static string Join(string one, string other) => one.Length == 0 ? other : other.Length == 0 ? one : one + "\n" + other;

    private async ValueTask<AuthorizationResult> ContinueAsync(ValueTask<AuthorizationResult> pending, int next, string reason, UserInfo user, RequestInfo request, CancellationToken ct)
    {
        var result = await pending;
        while (result.Decision == Decision.NoOpinion)
        {
            reason = Join(reason, result.Reason);
            if (next == authorizers.Count)
            {
                return new(Decision.NoOpinion, reason);
            }

            result = await authorizers[next++].AuthorizeAsync(user, request, ct);
        }

        return result;
    }
}
