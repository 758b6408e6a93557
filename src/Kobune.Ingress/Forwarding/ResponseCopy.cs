using System.Buffers;
using System.Net.Http.Headers;
using Kobune.Ingress.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Kobune.Ingress.Forwarding;

/// <summary>An endpoint's answer on its way to the client, unbuffered: what came is passed on at once.</summary>
internal static class ResponseCopy
{
    private const int ChunkSize = 32 * 1024;
    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.TransferEncoding, HeaderNames.Upgrade,
        HeaderNames.Server, // as nginx without server tokens
    };

    public static void CopyHead(HttpResponseMessage from, IngressCall call)
    {
        var to = call.Http.Response;
        to.StatusCode = (int)from.StatusCode;
        if (call.Http.Features.Get<IHttpResponseFeature>() is { } feature && from.ReasonPhrase is { Length: > 0 } reason)
        {
            feature.ReasonPhrase = reason;
        }

        CopyHeaders(from.Headers.NonValidated, to.Headers);
        CopyHeaders(from.Content.Headers.NonValidated, to.Headers);
        OwnHeaders.Apply(call);
    }

    public static async Task CopyBodyAsync(HttpResponseMessage from, IngressCall call, ActivityTimeout timeout)
    {
        var settings = call.Location.Settings;
        var to = call.Http.Response.Body;
        await using var body = await from.Content.ReadAsStreamAsync(timeout.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            while (true)
            {
                timeout.Touch(settings.ReadTimeout);
                var reading = body.ReadAsync(buffer, timeout.Token);
                if (!call.Http.Response.HasStarted && !reading.IsCompleted)
                {
                    await to.FlushAsync(timeout.Token); // the body may come much later than the head: a stream's client waits for it
                }

                var count = await reading;
                if (count == 0)
                {
                    break;
                }

                timeout.Touch(settings.SendTimeout);
                await to.WriteAsync(buffer.AsMemory(0, count), timeout.Token);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        CopyTrailers(from.TrailingHeaders, call.Http);
    }

    private static void CopyTrailers(HttpResponseHeaders trailers, HttpContext http)
    {
        if (http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } to)
        {
            CopyHeaders(trailers.NonValidated, to);
        }
    }

    private static void CopyHeaders(HttpHeadersNonValidated from, IHeaderDictionary to)
    {
        foreach (var (name, values) in from)
        {
            if (!Dropped.Contains(name) && !name.StartsWith("X-Accel-", StringComparison.OrdinalIgnoreCase))
            {
                to[name] = values.Count == 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);
            }
        }
    }
}
