using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Tells what the path asks for.</summary>
internal sealed class RequestInfoFilter : IApiFilter
{
    public ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        call.Info = RequestInfoFactory.Create(call.Method, call.Path, call.Query);
        return next(call, ct);
    }
}
