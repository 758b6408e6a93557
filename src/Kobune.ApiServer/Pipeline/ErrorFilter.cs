using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Turns what is thrown into the Status that is answered. Never a bare 500.</summary>
internal sealed partial class ErrorFilter(ILogger<ErrorFilter> logger) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        try
        {
            return await next(call, ct);
        }
        catch (StatusException e)
        {
            return Result(e);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (BadHttpRequestException e)
        {
            return Result(e.StatusCode == 413 ? StatusErrors.RequestEntityTooLarge("limit is 3145728") : StatusErrors.BadRequest(e.Message));
        }
        catch (JsonException e)
        {
            return Result(StatusErrors.BadRequest(e.Message));
        }
        catch (Exception e)
        {
            LogFault(call.Method, call.Path, e);
            return Result(StatusErrors.InternalError(e.Message));
        }
    }

    /// <summary>The answer that a refusal becomes.</summary>
    public static DocumentResult Result(StatusException error)
    {
        var seconds = error.RetryAfterSeconds;
        return new(new EncodedObject(JsonText.Bytes(error.Status)), error.Code, seconds > 0 ? TimeSpan.FromSeconds(seconds) : null) { PlainText = error.PlainText };
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed for a reason that was not foreseen")]
    private partial void LogFault(string method, string path, Exception e);
}
