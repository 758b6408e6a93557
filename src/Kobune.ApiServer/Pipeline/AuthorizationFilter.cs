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
        var failed = answer.Decision != Decision.Allow && answer.Error.Length > 0;
        metrics.Authorized(answer.Error.Length > 0 ? "error" : answer.Decision switch { Decision.Allow => "allowed", Decision.Deny => "denied", _ => "no-opinion" });
        if (call.Audit is { } audit)
        {
            if (!failed)
            {
                audit.Annotate("authorization.k8s.io/decision", answer.Decision == Decision.Allow ? "allow" : "forbid");
            }

            audit.Annotate("authorization.k8s.io/reason", failed ? "internal error" : answer.Reason);
        }

        if (failed)
        {
            throw StatusErrors.Undecided(call.Path + call.QueryText, answer.Error);
        }

        return answer.Decision == Decision.Allow ? await next(call, ct) : throw StatusErrors.Denied(call.User!, call.Info, answer.Reason);
    }
}
