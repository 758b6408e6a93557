using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Kobune.Ingress.Forwarding;

/// <summary>The connections to endpoints, kept open for a minute as nginx' upstream keepalive. One pool for all routing tables.</summary>
internal sealed class ProxyClient(TimeProvider time) : IDisposable
{
    private static readonly HttpRequestOptionsKey<(TimeSpan Limit, Action Made)> Connecting = new("connecting");
    private readonly HttpMessageInvoker _invoker = new(Handler(time));

    /// <summary>Sends and returns when the head of the answer is there.</summary>
    /// <param name="message">The request.</param>
    /// <param name="connectTimeout">How long a new connection may take.</param>
    /// <param name="connected">Called when a new connection had to be made, and was.</param>
    /// <param name="ct">Ends the request.</param>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, TimeSpan connectTimeout, Action connected, CancellationToken ct)
    {
        message.Options.Set(Connecting, (connectTimeout, connected));
        return _invoker.SendAsync(message, ct);
    }

    public void Dispose() => _invoker.Dispose();

    private static SocketsHttpHandler Handler(TimeProvider time) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = Timeout.InfiniteTimeSpan, // the location's own, below
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        MaxResponseHeadersLength = 64,
#pragma warning disable CA5359 // proxy_ssl_verify off, nginx' default: pods show certificates of their own making
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
        ConnectCallback = (context, ct) => ConnectAsync(context, time, ct),
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, TimeProvider time, CancellationToken ct)
    {
        var (timeout, made) = context.InitialRequestMessage.Options.TryGetValue(Connecting, out var given) ? given : (Timeout.InfiniteTimeSpan, static () => { });
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, either.Token);
            made();
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is OperationCanceledException && late.IsCancellationRequested)
            {
                throw new TimeoutException($"No connection to {context.DnsEndPoint} in {timeout.TotalSeconds} s", e);
            }

            throw;
        }
    }
}
