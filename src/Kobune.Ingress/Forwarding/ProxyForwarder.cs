using Kobune.Ingress.Routing;
using Kobune.Ingress.Serving;
using Kobune.Ingress.Settings;
using Kobune.Ingress.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kobune.Ingress.Forwarding;

/// <summary>
/// A request to an endpoint of its location's upstream, and to the next one when that fails, by nginx' rules: a connection that could not be made
/// may always be tried elsewhere; what may have reached an endpoint only when the method changes nothing and the body can be sent again.
/// </summary>
internal sealed partial class ProxyForwarder(TimeProvider time, ILogger logger) : IDisposable
{
    private readonly ProxyClient _client = new(time);
    private readonly ILogger _logger = logger;

    public void Dispose() => _client.Dispose();

    public async Task ForwardAsync(IngressCall call)
    {
        if (call.Location.Upstream is not { } upstream)
        {
            await StatusPage.WriteAsync(call, StatusCodes.Status404NotFound);
            return;
        }

        if (upstream.Endpoints.Count == 0)
        {
            await StatusPage.WriteAsync(call, StatusCodes.Status503ServiceUnavailable);
            return;
        }

        var target = call.Target;
        if (call.Location.Rewrite is { } rewrite && rewrite.Apply(call.Path, call.Http.Request.QueryString.Value ?? "", call.Variable) is { } rewritten)
        {
            if (!rewritten.StartsWith('/'))
            {
                await (rewritten.Contains("://", StringComparison.Ordinal)
                    ? StatusPage.RedirectAsync(call, StatusCodes.Status302Found, rewritten)
                    : StatusPage.WriteAsync(call, StatusCodes.Status500InternalServerError));
                return;
            }

            target = rewritten;
        }

        using var timeout = new ActivityTimeout(time, call.Http.RequestAborted);
        if (await TryAllAsync(call, upstream, target, timeout) is { } status)
        {
            await StatusPage.WriteAsync(call, status);
        }
    }

    /// <summary>The status of the failure; null when the client has an answer.</summary>
    private async Task<int?> TryAllAsync(IngressCall call, Upstream upstream, string target, ActivityTimeout timeout)
    {
        var settings = call.Location.Settings;
        RequestBody? body;
        try
        {
            body = await RequestBody.PrepareAsync(call, timeout);
        }
        catch (OperationCanceledException) when (timeout.Expired)
        {
            return StatusCodes.Status408RequestTimeout;
        }

        var session = settings.Affinity is { } affinity ? new StickySession(affinity, call, upstream) : null;
        var index = session?.Pick() ?? upstream.Turn();
        var tries = settings.NextUpstreamTries == 0 ? upstream.Endpoints.Count : Math.Min(settings.NextUpstreamTries, Math.Max(upstream.Endpoints.Count, 1));
        var started = time.GetTimestamp();
        var attempt = new ProxyAttempt(_client, call, body, timeout, time);
        for (var left = tries - 1; ; left--)
        {
            var endpoint = upstream.Endpoints[index];
            var outOfTime = settings.NextUpstreamTimeout > TimeSpan.Zero && time.GetElapsedTime(started) >= settings.NextUpstreamTimeout;
            var last = left <= 0 || outOfTime;
            var result = await attempt.RunAsync(endpoint, target, session, last || !MayRepeat(call, body, AttemptResult.Unwanted));
            if (result == AttemptResult.Done)
            {
                return null;
            }

            LogAttempt(upstream.Name, endpoint.Authority, result);
            if (last || !MayRepeat(call, body, result))
            {
                return StatusOf(result);
            }

            index = session?.PickAfterFailure(index) ?? (index + 1) % upstream.Endpoints.Count;
        }
    }

    private static bool MayRepeat(IngressCall call, RequestBody? body, AttemptResult result)
    {
        var when = call.Location.Settings.NextUpstream;
        if (body is { CanRepeat: false } || result is AttemptResult.TooLarge or AttemptResult.BodyTimeout)
        {
            return false;
        }

        if (result is AttemptResult.ConnectFailed or AttemptResult.ConnectTimeout)
        {
            return when.HasFlag(result == AttemptResult.ConnectFailed ? NextUpstream.Error : NextUpstream.Timeout);
        }

        var wanted = result switch
        {
            AttemptResult.Broken => when.HasFlag(NextUpstream.Error),
            AttemptResult.Timeout => when.HasFlag(NextUpstream.Timeout),
            _ => true,
        };
        return wanted && (when.HasFlag(NextUpstream.NonIdempotent) || call.Http.Request.Method is not ("POST" or "LOCK" or "PATCH"));
    }

    private static int StatusOf(AttemptResult result) => result switch
    {
        AttemptResult.TooLarge => StatusCodes.Status413PayloadTooLarge,
        AttemptResult.BodyTimeout => StatusCodes.Status408RequestTimeout,
        AttemptResult.Timeout or AttemptResult.ConnectTimeout => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status502BadGateway,
    };

    [LoggerMessage(LogLevel.Debug, "{Upstream}: the endpoint {Endpoint} gave no answer: {Result}")]
    private partial void LogAttempt(string upstream, string endpoint, AttemptResult result);
}
