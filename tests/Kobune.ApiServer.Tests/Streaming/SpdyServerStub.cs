using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Kobune.ApiServer.Streaming;

namespace Kobune.ApiServer.Tests.Streaming;

/// <summary>The far side of a SPDY connection, reading what a runtime would read: an own, second implementation of the framing with a real inflater.</summary>
internal sealed class SpdyServerStub(Stream stream) : IDisposable
{
    private readonly MemoryStream _compressed = new();
    private DeflateStream? _inflater;

    public sealed record Frame(SpdyFrameType Type, int StreamId, bool Fin, byte[] Data, IReadOnlyDictionary<string, string> Headers);

    public async Task<Frame?> ReadAsync(CancellationToken ct)
    {
        var head = new byte[8];
        if (await stream.ReadAtLeastAsync(head, 8, throwOnEndOfStream: false, ct) < 8)
        {
            return null;
        }

        var control = (head[0] & 0x80) != 0;
        var length = head[5] << 16 | head[6] << 8 | head[7];
        var payload = new byte[length];
        await stream.ReadExactlyAsync(payload, ct);
        if (!control)
        {
            return new(SpdyFrameType.Data, BinaryPrimitives.ReadInt32BigEndian(head), (head[4] & 1) != 0, payload, new Dictionary<string, string>());
        }

        var type = (SpdyFrameType)BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2));
        var id = BinaryPrimitives.ReadInt32BigEndian(payload);
        return new(type, id, (head[4] & 1) != 0, payload, type == SpdyFrameType.SynStream ? Inflate(payload.AsSpan(10)) : new Dictionary<string, string>());
    }

    public async Task SendDataAsync(int streamId, byte[] data, bool fin, CancellationToken ct)
    {
        var frame = new byte[8 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, streamId);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), data.Length);
        frame[4] = fin ? (byte)1 : (byte)0;
        data.CopyTo(frame, 8);
        await stream.WriteAsync(frame, ct);
        await stream.FlushAsync(ct);
    }

    public void Dispose()
    {
        _inflater?.Dispose();
        _compressed.Dispose();
    }

    private Dictionary<string, string> Inflate(ReadOnlySpan<byte> block)
    {
        var skip = _inflater is null ? 2 : 0; // the zlib head: its FDICT bit must be clear, as no dictionary follows
        Assert.True(_inflater is not null || ((block[0] << 8 | block[1]) % 31 == 0 && (block[1] & 0x20) == 0));
        var at = _compressed.Position;
        _compressed.Position = _compressed.Length;
        _compressed.Write(block[skip..]);
        _compressed.Position = at;
        _inflater ??= new DeflateStream(_compressed, CompressionMode.Decompress);
        var headers = new Dictionary<string, string>();
        var count = Number();
        for (var i = 0; i < count; i++)
        {
            headers[Text()] = Text();
        }

        return headers;
    }

    private int Number()
    {
        var word = new byte[4];
        _inflater!.ReadExactly(word);
        return BinaryPrimitives.ReadInt32BigEndian(word);
    }

    private string Text()
    {
        var bytes = new byte[Number()];
        _inflater!.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
