using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>Whoever makes an object by PUT or apply needs the verb create too. Source: k8s.io/apiserver, registry/rest/create.go, WithAuthorization.</summary>
internal sealed class CreatePermission(IAuthorizer authorizer)
{
    /// <exception cref="StatusException">403: the user may not create it.</exception>
    public async ValueTask RequireAsync(ApiCall call, CancellationToken ct)
    {
        var info = call.Info with { Verb = "create" };
        var answer = await authorizer.AuthorizeAsync(call.User!, info, ct);
        if (answer.Decision != Decision.Allow)
        {
            throw StatusErrors.Denied(call.User!, info, answer.Reason);
        }
    }
}
