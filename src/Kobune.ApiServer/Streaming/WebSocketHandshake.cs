using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kobune.ApiServer.Streaming;

/// <summary>The server's half of RFC 6455's opening handshake, on a request of HTTP/1.1.</summary>
internal static class WebSocketHandshake
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>Whether the client asks for a WebSocket.</summary>
    public static bool IsRequested(HttpRequest request) =>
        request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase)
        && request.Headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase);

    /// <summary>The subprotocols that the client offers, in its order.</summary>
    public static IReadOnlyList<string> Offered(HttpRequest request) =>
        [.. request.Headers.SecWebSocketProtocol.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>Answers 101 and returns the open socket.</summary>
    public static async Task<WebSocket> AcceptAsync(HttpContext context, string protocol)
    {
        var feature = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        var headers = context.Response.Headers;
        headers.Upgrade = "websocket";
        headers.Connection = "Upgrade";
        headers.SecWebSocketAccept = Accept(context.Request.Headers.SecWebSocketKey.ToString());
        if (protocol.Length > 0)
        {
            headers.SecWebSocketProtocol = protocol;
        }

        var stream = await feature.UpgradeAsync();

        // Not told the subprotocol, which is only for its own property: it would refuse the slash in SPDY/3.1+portforward.k8s.io.
        return WebSocket.CreateFromStream(stream, isServer: true, null, KeepAlive);
    }

    // RFC 6455, section 1.3: SHA-1 is what the handshake is defined with; it protects nothing.
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "RFC 6455 defines the handshake with SHA-1")]
    private static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}
