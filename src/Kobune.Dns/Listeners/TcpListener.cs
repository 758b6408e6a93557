using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Kobune.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Kobune.Dns.Listeners;

/// <summary>Queries over TCP on one address: two bytes of length before each message (RFC 7766), answered in order.</summary>
internal sealed partial class TcpListener : IAsyncDisposable
{
    private const int MaxConnections = 256;
    private const int Backlog = 128;
    private const int MaxMessage = ushort.MaxValue;

    /// <summary>How long a connection may be silent, as CoreDNS.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);
    private readonly Socket _socket;
    private readonly DnsResolver _resolver;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PendingAnswers _connections = new();

    public TcpListener(IPEndPoint endpoint, DnsResolver resolver, TimeProvider time, ILogger logger)
    {
        (_resolver, _time, _logger) = (resolver, time, logger);
        _socket = ListenSockets.Bind(endpoint, SocketType.Stream, ProtocolType.Tcp);
        _socket.Listen(Backlog);
    }

    public IPEndPoint LocalEndpoint => (IPEndPoint)_socket.LocalEndPoint!;

    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var client = await _socket.AcceptAsync(ct);
            if (_connections.Count >= MaxConnections)
            {
                client.Dispose(); // resolvers try again; an endless queue would serve nobody
            }
            else
            {
                _connections.Add(ServeAsync(client, ct));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _connections.DrainAsync();
    }

    private async Task ServeAsync(Socket client, CancellationToken ct)
    {
        client.NoDelay = true;
        await using var stream = new NetworkStream(client, ownsSocket: true);
        using var idle = new CancellationTokenSource(IdleTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, idle.Token);
        try
        {
            var buffer = new byte[2 + MaxMessage];
            while (await AnswerOneAsync(stream, buffer, either.Token))
            {
                idle.CancelAfter(IdleTimeout);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The client went, was silent for too long, or the listener ends.
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
    }

    private async Task<bool> AnswerOneAsync(NetworkStream stream, byte[] buffer, CancellationToken ct)
    {
        if (await stream.ReadAtLeastAsync(buffer.AsMemory(0, 2), 2, throwOnEndOfStream: false, ct) < 2)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadUInt16BigEndian(buffer);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, size), ct);
        var answer = DnsDecoder.TryDecode(buffer.AsSpan(0, size), out var query)
            ? await _resolver.AnswerAsync(query, tcp: true, ct)
            : DnsResolver.AnswerBroken(buffer.AsSpan(0, size));
        if (answer is null)
        {
            return false;
        }

        var length = DnsEncoder.Encode(answer, buffer.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        await stream.WriteAsync(buffer.AsMemory(0, length + 2), ct);
        return true;
    }

    [LoggerMessage(LogLevel.Debug, "A DNS connection failed")]
    private partial void LogFailed(Exception exception);
}
