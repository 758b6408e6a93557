using System.Buffers;
using System.Buffers.Binary;

namespace Kobune.ApiServer.Streaming;

/// <summary>What happened on a stream: data, its end, or its reset. Data is valid until the handler returns.</summary>
internal readonly record struct SpdyEvent(int StreamId, ReadOnlyMemory<byte> Data, bool End, bool Reset);

/// <summary>
/// The client's side of a SPDY/3.1 connection to a kubelet or runtime: opens streams, sends data, and hands what arrives to one handler, in order.
/// As in upstream's implementation there is no flow control but TCP's: a handler that waits slows the sender down.
/// </summary>
internal sealed class SpdyClient(Stream stream) : IDisposable
{
    private const int Chunk = 32 * 1024;
    private readonly SemaphoreSlim _write = new(1, 1);
    private readonly SpdyHeaderBlock _headers = new();
    private int _nextStream = 1;

    /// <summary>Opens a stream; streams of a client have odd numbers.</summary>
    public async ValueTask<int> OpenAsync(IReadOnlyList<(string Name, string Value)> headers, bool fin, CancellationToken ct)
    {
        await _write.WaitAsync(ct);
        try
        {
            var id = _nextStream;
            _nextStream += 2;
            var block = _headers.Write(headers); // the zlib stream is shared: in the order of the frames
            var frame = new byte[SpdyFrameHead.Size + 10 + block.Length];
            new SpdyFrameHead(SpdyFrameType.SynStream, 0, fin ? SpdyFrameHead.Fin : (byte)0, 10 + block.Length).Write(frame);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), id);
            block.CopyTo(frame.AsSpan(18));
            await stream.WriteAsync(frame, ct);
            await stream.FlushAsync(ct);
            return id;
        }
        finally
        {
            _write.Release();
        }
    }

    /// <summary>Sends data, in frames of at most 32 KiB; <paramref name="fin"/> ends our half of the stream.</summary>
    public async ValueTask SendAsync(int streamId, ReadOnlyMemory<byte> data, bool fin, CancellationToken ct)
    {
        await _write.WaitAsync(ct);
        try
        {
            var frame = ArrayPool<byte>.Shared.Rent(SpdyFrameHead.Size + Math.Min(data.Length, Chunk));
            try
            {
                do
                {
                    var part = data[..Math.Min(data.Length, Chunk)];
                    data = data[part.Length..];
                    var flags = fin && data.IsEmpty ? SpdyFrameHead.Fin : (byte)0;
                    new SpdyFrameHead(SpdyFrameType.Data, streamId, flags, part.Length).Write(frame);
                    part.CopyTo(frame.AsMemory(SpdyFrameHead.Size));
                    await stream.WriteAsync(frame.AsMemory(0, SpdyFrameHead.Size + part.Length), ct);
                }
                while (!data.IsEmpty);
                await stream.FlushAsync(ct);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(frame);
            }
        }
        finally
        {
            _write.Release();
        }
    }

    /// <summary>Reads frames until the peer closes or says GOAWAY, or something comes that is not SPDY.</summary>
    public async Task ReceiveAsync(Func<SpdyEvent, ValueTask> handler, CancellationToken ct)
    {
        var head = new byte[SpdyFrameHead.Size];
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            while (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct) == head.Length
                && SpdyFrameHead.Read(head) is { Type: not SpdyFrameType.GoAway } frame)
            {
                var going = frame.Type == SpdyFrameType.Data
                    ? await DataAsync(frame, buffer, handler, ct)
                    : await ControlAsync(frame, buffer, handler, ct);
                if (!going)
                {
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _write.Dispose();

    /// <summary>A data frame may be 16 MiB long: it is handed on piece by piece, so memory stays bounded.</summary>
    private async ValueTask<bool> DataAsync(SpdyFrameHead frame, byte[] buffer, Func<SpdyEvent, ValueTask> handler, CancellationToken ct)
    {
        var left = frame.Length;
        do
        {
            var read = left == 0 ? 0 : await stream.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), ct);
            if (read == 0 && left > 0)
            {
                return false;
            }

            left -= read;
            await handler(new(frame.StreamId, buffer.AsMemory(0, read), frame.IsFin && left == 0, Reset: false));
        }
        while (left > 0);
        return true;
    }

    private async ValueTask<bool> ControlAsync(SpdyFrameHead frame, byte[] buffer, Func<SpdyEvent, ValueTask> handler, CancellationToken ct)
    {
        var kept = Math.Min(frame.Length, 8); // no control frame has more that matters to a client
        if (await stream.ReadAtLeastAsync(buffer.AsMemory(0, kept), kept, throwOnEndOfStream: false, ct) < kept
            || !await SkipAsync(frame.Length - kept, buffer.AsMemory(8), ct))
        {
            return false;
        }

        var id = kept >= 4 ? BinaryPrimitives.ReadInt32BigEndian(buffer) & 0x7FFF_FFFF : 0;
        switch (frame.Type)
        {
            case SpdyFrameType.Ping when kept >= 4 && (id & 1) == 0:
                await PongAsync(id, ct);
                break;
            case SpdyFrameType.RstStream:
                await handler(new(id, ReadOnlyMemory<byte>.Empty, End: true, Reset: true));
                break;
            case SpdyFrameType.SynReply when frame.IsFin:
                await handler(new(id, ReadOnlyMemory<byte>.Empty, End: true, Reset: false));
                break;
        }

        return true;
    }

    private async ValueTask<bool> SkipAsync(int bytes, Memory<byte> buffer, CancellationToken ct)
    {
        while (bytes > 0)
        {
            var read = await stream.ReadAsync(buffer[..Math.Min(bytes, buffer.Length)], ct);
            if (read == 0)
            {
                return false;
            }

            bytes -= read;
        }

        return true;
    }

    private async ValueTask PongAsync(int id, CancellationToken ct)
    {
        var frame = new byte[SpdyFrameHead.Size + 4];
        new SpdyFrameHead(SpdyFrameType.Ping, 0, 0, 4).Write(frame);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), id);
        await _write.WaitAsync(ct);
        try
        {
            await stream.WriteAsync(frame, ct);
            await stream.FlushAsync(ct);
        }
        finally
        {
            _write.Release();
        }
    }
}
