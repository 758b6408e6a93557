using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization;

/// <summary>One authorizer of the chain (Node, RBAC, webhook). The first that does not say <see cref="Decision.NoOpinion"/> decides.</summary>
public interface IAuthorizer
{
    /// <summary>Decides about one request; also asked by the SubjectAccessReview kinds, impersonation and escalation checks.</summary>
    ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct);
}

/// <summary>An authorizer's word.</summary>
public enum Decision
{
    /// <summary>Ask the next.</summary>
    NoOpinion,

    /// <summary>Let it through.</summary>
    Allow,

    /// <summary>Refuse it.</summary>
    Deny,
}

/// <summary>A decision and its reason (shown to the user when refused).</summary>
public readonly record struct AuthorizationResult(Decision Decision, string Reason)
{
    /// <summary>What kept the authorizer from deciding; empty for nothing.</summary>
    public string Error
    {
        get => field ?? "";
        init;
    }

    /// <summary>Ask the next.</summary>
    public static AuthorizationResult None => new(Decision.NoOpinion, "");
}
