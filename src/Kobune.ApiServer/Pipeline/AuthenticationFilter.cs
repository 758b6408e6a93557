using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Tells who asks. In-process calls come with their user.</summary>
internal sealed class AuthenticationFilter(IAuthenticator authenticator, AuditFilter? audit, ApiMetrics metrics, TimeProvider time) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        if (call.User is null)
        {
            var start = time.GetTimestamp();
            var result = call.Http is { } http ? await authenticator.AuthenticateAsync(http, ct) : null;
            metrics.Authenticated(result?.User is null ? "failure" : "success", result?.User?.Name, time.GetElapsedTime(start));
            call.User = result?.User;
            if (call.User is null)
            {
                var refusal = StatusErrors.Unauthorized();
                audit?.Unauthenticated(call, refusal);
                throw refusal;
            }
        }

        return await next(call, ct);
    }
}
