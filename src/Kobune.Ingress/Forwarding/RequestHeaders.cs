using System.Net;
using System.Security.Cryptography;
using Kobune.Ingress.Serving;
using Kobune.Ingress.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Kobune.Ingress.Forwarding;

/// <summary>The headers that an endpoint sees: the client's but those of the connection, and X-Forwarded-* as ingress-nginx sets them.</summary>
internal static class RequestHeaders
{
    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        // of the connection
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.TransferEncoding, HeaderNames.TE, HeaderNames.Upgrade,
        HeaderNames.Host, HeaderNames.ContentLength, HeaderNames.Expect, "HTTP2-Settings",
        // said anew below; "Proxy" would become HTTP_PROXY in CGI programs
        "Proxy", "X-Request-ID", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme",
        "X-Scheme", "X-Original-Forwarded-For", "X-Forwarded-Prefix",
    };

    public static void Copy(IngressCall call, HttpRequestMessage message)
    {
        var source = call.Http.Request.Headers;
        var named = source.Connection;
        foreach (var (name, values) in source)
        {
            if (!Dropped.Contains(name) && name[0] != ':' && !IsNamed(named, name))
            {
                Add(message, name, values);
            }
        }

        AddForwarded(call, message);
        if (call.Location.Settings.Protocol is BackendProtocol.Grpc or BackendProtocol.Grpcs && source.TE.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase))
        {
            message.Headers.TryAddWithoutValidation(HeaderNames.TE, "trailers"); // gRPC servers refuse to go on without it
        }
    }

    /// <summary>Asks for another protocol on the connection: WebSocket mostly.</summary>
    /// <param name="call">The client's request.</param>
    /// <param name="message">The endpoint's.</param>
    /// <param name="overHttp2">The client came by HTTP/2's CONNECT, which has no key of its own.</param>
    public static void AddUpgrade(IngressCall call, HttpRequestMessage message, bool overHttp2)
    {
        message.Headers.TryAddWithoutValidation(HeaderNames.Connection, "upgrade");
        message.Headers.TryAddWithoutValidation(HeaderNames.Upgrade, overHttp2 ? "websocket" : call.Http.Request.Headers.Upgrade.ToString());
        if (overHttp2)
        {
            message.Headers.TryAddWithoutValidation(HeaderNames.SecWebSocketKey, Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        }
    }

    private static void AddForwarded(IngressCall call, HttpRequestMessage message)
    {
        var headers = message.Headers;
        var settings = call.Location.Settings;
        headers.Host = settings.UpstreamVhost ?? (call.HostHeader.Length > 0 ? call.HostHeader : null);
        headers.TryAddWithoutValidation("X-Request-ID", call.RequestId);
        headers.TryAddWithoutValidation("X-Real-IP", call.ClientIP);
        headers.TryAddWithoutValidation("X-Forwarded-For", call.ClientIP);
        headers.TryAddWithoutValidation("X-Forwarded-Host", call.ForwardedHost);
        headers.TryAddWithoutValidation("X-Forwarded-Port", call.ForwardedPort);
        headers.TryAddWithoutValidation("X-Forwarded-Proto", call.Scheme);
        headers.TryAddWithoutValidation("X-Forwarded-Scheme", call.Scheme);
        headers.TryAddWithoutValidation("X-Scheme", call.Scheme);
        if (call.Http.Request.Headers["X-Forwarded-For"] is { Count: > 0 } original)
        {
            headers.TryAddWithoutValidation("X-Original-Forwarded-For", original.ToString());
        }

        if (settings.ForwardedPrefix is { } prefix)
        {
            headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix);
        }
    }

    private static void Add(HttpRequestMessage message, string name, StringValues values)
    {
        if (values.Count > 1 && name.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase))
        {
            values = string.Join("; ", (IEnumerable<string?>)values); // HTTP/2 may cut cookies apart
        }

        if (values.Count == 1 ? message.Headers.TryAddWithoutValidation(name, values[0]) : message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
        {
            return;
        }

        message.Content ??= new ByteArrayContent([]); // carries the headers that the client library counts to the body
        message.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }

    private static bool IsNamed(StringValues connection, string name)
    {
        foreach (var value in connection)
        {
            if (value is not null && value.Contains(name, StringComparison.OrdinalIgnoreCase)
                && value.Split(',', StringSplitOptions.TrimEntries).Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
