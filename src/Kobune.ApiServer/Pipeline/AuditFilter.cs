using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Hears of every authenticated request when it was answered.</summary>
public interface IAuditSink
{
    /// <summary>Must not block: it runs on the request's way.</summary>
    void Answered(ApiCall call, int statusCode, TimeSpan elapsed);
}

/// <summary>Tells the audit sinks; without any it costs nothing.</summary>
internal sealed class AuditFilter(IReadOnlyList<IAuditSink> sinks, TimeProvider time) : IApiFilter
{
    public ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct) =>
        sinks.Count == 0 ? next(call, ct) : AuditAsync(call, next, ct);

    private async ValueTask<ApiResult> AuditAsync(ApiCall call, ApiHandler next, CancellationToken ct)
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
            foreach (var sink in sinks)
            {
                sink.Answered(call, code, time.GetElapsedTime(start));
            }
        }
    }
}
