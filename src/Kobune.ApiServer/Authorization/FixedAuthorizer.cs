using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization;

/// <summary>--authorization-mode's AlwaysAllow and AlwaysDeny.</summary>
internal sealed class FixedAuthorizer(bool allows) : IAuthorizer
{
    public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct) =>
        new(allows ? new AuthorizationResult(Decision.Allow, "") : new AuthorizationResult(Decision.NoOpinion, "Everything is forbidden."));
}
