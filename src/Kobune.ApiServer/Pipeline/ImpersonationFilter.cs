using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Lets a user who may act as somebody else do so (the Impersonate- headers).</summary>
internal sealed class ImpersonationFilter(IAuthorizer authorizer) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        var headers = call.HeadersWithPrefix(Impersonation.HeaderPrefix);
        if (headers.Count > 0)
        {
            call.User = await Impersonation.ApplyAsync(headers, call.User!, authorizer, ct);
        }

        return await next(call, ct);
    }
}
