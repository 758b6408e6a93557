using System.Buffers.Binary;
using System.Text;

namespace Kobune.ApiServer.Streaming;

/// <summary>
/// Header blocks as a client sends them. The format demands a zlib stream that lasts over the whole connection; it may consist of stored blocks,
/// and it need not use the preset dictionary (RFC 1950, FDICT 0), so that no compressor with dictionaries is needed.
/// </summary>
internal sealed class SpdyHeaderBlock
{
    private bool _started;

    /// <summary>An empty stored block ends each header block (a sync flush): Go's inflater hands data out only then, and fails for good when it must look for more.</summary>
    private static ReadOnlySpan<byte> Flush => [0x00, 0x00, 0x00, 0xFF, 0xFF];

    public byte[] Write(IReadOnlyList<(string Name, string Value)> headers)
    {
        var plain = Plain(headers);
        if (plain.Length > ushort.MaxValue)
        {
            throw new ArgumentException("headers of more than 64 KiB", nameof(headers));
        }

        var start = _started ? 0 : 2;
        var block = new byte[start + 5 + plain.Length + Flush.Length];
        if (!_started)
        {
            block[0] = 0x78; // deflate, 32 KiB window
            block[1] = 0x01; // no dictionary, fastest; makes the head a multiple of 31
            _started = true;
        }

        block[start] = 0x00; // not final, stored
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(start + 1), (ushort)plain.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(start + 3), (ushort)~plain.Length);
        plain.CopyTo(block.AsSpan(start + 5));
        Flush.CopyTo(block.AsSpan(start + 5 + plain.Length));
        return block;
    }

    private static byte[] Plain(IReadOnlyList<(string Name, string Value)> headers)
    {
        var bytes = new MemoryStream();
        Number(bytes, headers.Count);
        foreach (var (name, value) in headers)
        {
            Text(bytes, name.ToLowerInvariant());
            Text(bytes, value);
        }

        return bytes.ToArray();
    }

    private static void Text(MemoryStream bytes, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Number(bytes, utf8.Length);
        bytes.Write(utf8);
    }

    private static void Number(MemoryStream bytes, int number)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, number);
        bytes.Write(word);
    }
}
