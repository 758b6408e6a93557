using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;
using Kobune.Cel.Authorization;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>The server's authorizer for expressions: about the user of a request, or a service account. Source: k8s.io/apiserver, cel/library/authz.go.</summary>
internal sealed class RequestAuthorizer(IAuthorizer authorizer, UserInfo user, CancellationToken ct) : ICelAuthorizer
{
    public CelDecision Authorize(CelAuthorizationRequest request)
    {
        try
        {
            // Expressions are evaluated on one thread from begin to end; all authorizers but a webhook answer from caches.
            var result = authorizer.AuthorizeAsync(User(request), Info(request), ct).AsTask().GetAwaiter().GetResult();
            return new(result.Decision == Decision.Allow, result.Reason, result.Error.Length > 0 ? result.Error : null);
        }
        catch (StatusException e)
        {
            return new(false, "", e.Message);
        }
    }

    /// <summary>A service account in an expression has only the groups of service accounts, as upstream's.</summary>
    private UserInfo User(CelAuthorizationRequest request) => request.ServiceAccount is { } account
        ? new(UserNames.ServiceAccount(account.Namespace, account.Name), "", [.. UserNames.ServiceAccountGroups(account.Namespace)], UserInfo.NoExtra)
        : user;

    private static RequestInfo Info(CelAuthorizationRequest request) => request.Path is { } path
        ? new() { IsResourceRequest = false, Path = path, Verb = request.Verb }
        : new()
        {
            IsResourceRequest = true,
            Path = "",
            Verb = request.Verb,
            ApiGroup = request.Group,
            ApiVersion = "*",
            Namespace = request.Namespace,
            Resource = request.Resource,
            Subresource = request.Subresource,
            Name = request.Name,
            FieldSelector = request.FieldSelector,
            LabelSelector = request.LabelSelector,
        };
}
