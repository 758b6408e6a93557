using System.Net;
using Kobune.Ingress.Routing;
using Kobune.Ingress.Serving;
using Kobune.Ingress.Settings;
using Kobune.Ingress.Upstreams;
using Microsoft.Net.Http.Headers;

namespace Kobune.Ingress.Forwarding;

/// <summary>One endpoint is asked, and its answer passed on.</summary>
internal sealed class ProxyAttempt(ProxyClient client, IngressCall call, RequestBody? body, ActivityTimeout timeout, TimeProvider time)
{
    /// <param name="endpoint">Whom to ask.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="session">Sets its cookie on the answer.</param>
    /// <param name="last">No other endpoint will be asked: an answer with any status is passed on.</param>
    public async Task<AttemptResult> RunAsync(UpstreamEndpoint endpoint, string target, StickySession? session, bool last)
    {
        var settings = call.Location.Settings;
        var upgrade = UpgradedConnection.IsAsked(call, out var overHttp2);
        using var message = Message(endpoint, target, upgrade, overHttp2);
        HttpResponseMessage answer;
        try
        {
            Wait();
            answer = await client.SendAsync(message, settings.ConnectTimeout, Wait, timeout.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return Judge(e);
        }

        using (answer)
        {
            if (!last && settings.NextUpstream.Covers((int)answer.StatusCode))
            {
                return AttemptResult.Unwanted;
            }

            await PassOnAsync(answer, session, upgrade, overHttp2);
            return AttemptResult.Done;
        }
    }

    private void Wait() => timeout.Touch(call.Location.Settings.ReadTimeout);

    private async Task PassOnAsync(HttpResponseMessage answer, StickySession? session, bool upgrade, bool overHttp2)
    {
        if (session?.SetCookie(time.GetUtcNow()) is { } cookie)
        {
            answer.Headers.TryAddWithoutValidation(HeaderNames.SetCookie, cookie);
        }

        try
        {
            if (upgrade && answer.StatusCode == HttpStatusCode.SwitchingProtocols)
            {
                await UpgradedConnection.RunAsync(answer, call, overHttp2, timeout);
                return;
            }

            ResponseCopy.CopyHead(answer, call);
            await ResponseCopy.CopyBodyAsync(answer, call, timeout);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            call.Http.Abort(); // the answer has begun: that it is cut off is all that can still be said
        }
    }

    private HttpRequestMessage Message(UpstreamEndpoint endpoint, string target, bool upgrade, bool overHttp2)
    {
        var protocol = call.Location.Settings.Protocol;
        var scheme = protocol is BackendProtocol.Https or BackendProtocol.Grpcs ? "https://" : "http://";
        var http2 = protocol is BackendProtocol.Grpc or BackendProtocol.Grpcs;
        var message = new HttpRequestMessage
        {
            Method = overHttp2 ? HttpMethod.Get : HttpMethod.Parse(call.Http.Request.Method),
            RequestUri = new(scheme + endpoint.Authority + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }),
            Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = upgrade ? null : body?.CreateContent(),
        };
        RequestHeaders.Copy(call, message);
        if (upgrade)
        {
            RequestHeaders.AddUpgrade(call, message, overHttp2);
        }

        return message;
    }

    private AttemptResult Judge(Exception e)
    {
        if (call.Http.RequestAborted.IsCancellationRequested)
        {
            return AttemptResult.Done;
        }

        if (body is { TooLarge: true })
        {
            return AttemptResult.TooLarge;
        }

        if (timeout.Expired)
        {
            return body is { Reading: true } ? AttemptResult.BodyTimeout : AttemptResult.Timeout;
        }

        return e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.NameResolutionError }
            ? e.InnerException is TimeoutException ? AttemptResult.ConnectTimeout : AttemptResult.ConnectFailed
            : e is HttpRequestException { InnerException: TimeoutException } ? AttemptResult.ConnectTimeout : AttemptResult.Broken;
    }
}
