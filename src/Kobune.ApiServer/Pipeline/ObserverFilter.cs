using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Tells the observer.</summary>
internal sealed class ObserverFilter(IRequestObserver observer) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        var code = 500;
        try
        {
            var result = await next(call, ct);
            code = result.StatusCode;
            return result;
        }
        catch (StatusException e)
        {
            code = e.Code;
            throw;
        }
        finally
        {
            observer.Answered(call, code);
        }
    }
}
