using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Counts requests and how long they take.</summary>
internal sealed class MetricsFilter(ApiMetrics metrics, TimeProvider time) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var code = 500;
        try
        {
            var result = await next(call, ct);
            code = result.StatusCode;
            return result;
        }
        catch (Errors.StatusException e)
        {
            code = e.Code;
            throw;
        }
        finally
        {
            metrics.Observe(call.Info, code, time.GetElapsedTime(start));
        }
    }
}
