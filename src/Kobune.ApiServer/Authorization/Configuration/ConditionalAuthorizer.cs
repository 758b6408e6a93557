using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Configuration;

/// <summary>A webhook of an AuthorizationConfiguration: asked when its conditions hold; with the failure policy Deny, a failure refuses.</summary>
internal sealed class ConditionalAuthorizer(WebhookAuthorizer webhook, RequestConditions? conditions, bool deniesOnFailure) : IAuthorizer, IDisposable
{
    public async ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        if (conditions?.Evaluate(user, request, ct) is { IsMatch: false } verdict)
        {
            return verdict.Error.Length == 0 ? AuthorizationResult.None : Failed(verdict.Error);
        }

        var result = await webhook.AuthorizeAsync(user, request, ct);
        return result is { Decision: Decision.NoOpinion, Error.Length: > 0 } ? Failed(result.Error) : result;
    }

    public void Dispose() => webhook.Dispose();

    private AuthorizationResult Failed(string error) => new(deniesOnFailure ? Decision.Deny : Decision.NoOpinion, "") { Error = error };
}
