using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Kobune.ApiServer.Streaming;

/// <summary>A message of a channel; data is valid until the next receive.</summary>
internal readonly record struct ChannelMessage(byte Channel, ReadOnlyMemory<byte> Data);

/// <summary>Channels over one WebSocket. One sender at a time reaches the socket; messages larger than the limit end the connection.</summary>
internal sealed class ChannelSocket(WebSocket socket, ChannelProtocol protocol) : IDisposable
{
    private const int MaxMessage = 32 * 1024 * 1024;
    private readonly SemaphoreSlim _send = new(1, 1);
    private byte[] _received = new byte[64 * 1024];

    public ChannelProtocol Protocol { get; } = protocol;

    /// <summary>Sends one message on a channel.</summary>
    public async ValueTask SendAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        await _send.WaitAsync(ct);
        try
        {
            if (Protocol.Base64)
            {
                var text = (char)('0' + channel) + Convert.ToBase64String(data.Span);
                await socket.SendAsync(Encoding.ASCII.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, ct);
                return;
            }

            var message = ArrayPool<byte>.Shared.Rent(data.Length + 1);
            try
            {
                message[0] = channel;
                data.CopyTo(message.AsMemory(1));
                await socket.SendAsync(message.AsMemory(0, data.Length + 1), WebSocketMessageType.Binary, endOfMessage: true, ct);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(message);
            }
        }
        finally
        {
            _send.Release();
        }
    }

    /// <summary>The next message, or null when the client closed, broke off or sent what cannot be.</summary>
    public async ValueTask<ChannelMessage?> ReceiveAsync(CancellationToken ct)
    {
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                if (length == _received.Length)
                {
                    if (length >= MaxMessage)
                    {
                        return null;
                    }

                    Array.Resize(ref _received, length * 2);
                }

                try
                {
                    result = await socket.ReceiveAsync(_received.AsMemory(length), ct);
                }
                catch (WebSocketException)
                {
                    return null; // broken off
                }

                length += result.Count;
            }
            while (!result.EndOfMessage);

            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (length > 0)
            {
                return Decode(length);
            }
        }
    }

    /// <summary>Says good-bye; a client that is gone is no error.</summary>
    public async ValueTask CloseAsync(CancellationToken ct)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", ct);
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException)
        {
            // gone already
        }
    }

    public void Dispose()
    {
        _send.Dispose();
        socket.Dispose();
    }

    private ChannelMessage? Decode(int length)
    {
        if (!Protocol.Base64)
        {
            return new(_received[0], _received.AsMemory(1, length - 1));
        }

        var data = new byte[length];
        return Convert.TryFromBase64String(Encoding.ASCII.GetString(_received, 1, length - 1), data, out var written) && _received[0] is >= (byte)'0' and <= (byte)'9'
            ? new((byte)(_received[0] - '0'), data.AsMemory(0, written))
            : null;
    }
}
