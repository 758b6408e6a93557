using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Answers a call, or throws StatusException.</summary>
internal delegate ValueTask<ApiResult> ApiHandler(ApiCall call, CancellationToken ct);

/// <summary>One step of the pipeline: it answers itself, or lets the next answer.</summary>
internal interface IApiFilter
{
    ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct);
}
