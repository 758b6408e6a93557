using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Asks whether the user may.</summary>
internal sealed class AuthorizationFilter(IAuthorizer authorizer, ApiMetrics metrics) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        var answer = await authorizer.AuthorizeAsync(call.User!, call.Info, ct);
        metrics.Authorized(answer.Decision switch { Decision.Allow => "allowed", Decision.Deny => "denied", _ => "no-opinion" });
        if (call.Audit is { } audit)
        {
            audit.Annotate("authorization.k8s.io/decision", answer.Decision == Decision.Allow ? "allow" : "forbid");
            audit.Annotate("authorization.k8s.io/reason", answer.Reason);
        }

        return answer.Decision == Decision.Allow ? await next(call, ct) : throw StatusErrors.Denied(call.User!, call.Info, answer.Reason);
    }
}
