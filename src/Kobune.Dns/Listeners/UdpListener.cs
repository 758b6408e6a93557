using System.Net;
using System.Net.Sockets;
using Kobune.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Kobune.Dns.Listeners;

/// <summary>Queries over UDP on one address. Cluster names are answered in the receive loop; what waits for upstream servers runs beside it.</summary>
internal sealed partial class UdpListener : IAsyncDisposable
{
    private const int MaxQuery = 4096;
    private const int MinAnswer = 512;
    private readonly Socket _socket;
    private readonly DnsResolver _resolver;
    private readonly ILogger _logger;
    private readonly PendingAnswers _pending = new();

    public UdpListener(IPEndPoint endpoint, DnsResolver resolver, ILogger logger)
    {
        _resolver = resolver;
        _logger = logger;
        _socket = ListenSockets.Bind(endpoint, SocketType.Dgram, ProtocolType.Udp);
    }

    /// <summary>The real address, with the port that the system chose when 0 was asked for.</summary>
    public IPEndPoint LocalEndpoint => (IPEndPoint)_socket.LocalEndPoint!;

    public async Task RunAsync(CancellationToken ct)
    {
        var buffer = GC.AllocateArray<byte>(MaxQuery, pinned: true);
        var answer = GC.AllocateArray<byte>(MaxQuery, pinned: true);
        var anyone = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone, ct);
                await HandleAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, answer, ct);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.MessageSize)
            {
                // An earlier answer met a closed port, or a datagram was longer than any query: neither concerns the next one.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _pending.DrainAsync();
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> bytes, EndPoint client, byte[] buffer, CancellationToken ct)
    {
        if (!DnsDecoder.TryDecode(bytes.Span, out var query))
        {
            await SendAsync(DnsResolver.AnswerBroken(bytes.Span), MinAnswer, client, buffer, ct);
            return;
        }

        var limit = Math.Clamp((int)(query.Edns?.UdpSize ?? MinAnswer), MinAnswer, MaxQuery);
        var answering = _resolver.AnswerAsync(query, tcp: false, ct);
        if (answering.IsCompletedSuccessfully)
        {
            await SendAsync(await answering, limit, client, buffer, ct);
        }
        else
        {
            _pending.Add(FinishAsync(answering.AsTask(), limit, client, ct));
        }
    }

    private async Task FinishAsync(Task<DnsMessage?> answering, int limit, EndPoint client, CancellationToken ct)
    {
        try
        {
            await SendAsync(await answering, limit, client, new byte[MaxQuery], ct);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The listener ends.
        }
        catch (Exception e)
        {
            LogFailed(e, client);
        }
    }

    private async ValueTask SendAsync(DnsMessage? message, int limit, EndPoint client, byte[] buffer, CancellationToken ct)
    {
        if (message is not null)
        {
            var size = DnsEncoder.Encode(message, buffer.AsSpan(0, limit));
            await _socket.SendToAsync(buffer.AsMemory(0, size), SocketFlags.None, client, ct);
        }
    }

    [LoggerMessage(LogLevel.Debug, "No answer to {Client}")]
    private partial void LogFailed(Exception exception, EndPoint client);
}
