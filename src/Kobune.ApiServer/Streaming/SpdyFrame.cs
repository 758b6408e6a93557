using System.Buffers.Binary;

namespace Kobune.ApiServer.Streaming;

/// <summary>The frame types of SPDY/3.1 that remote commands and port-forwards use (draft-mbelshe-httpbis-spdy-00, section 2).</summary>
internal enum SpdyFrameType
{
    Data = 0,
    SynStream = 1,
    SynReply = 2,
    RstStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    Headers = 8,
    WindowUpdate = 9,
}

/// <summary>A frame's head: 8 bytes on the wire. Data frames carry the stream's number there, control frames in their payload.</summary>
internal readonly record struct SpdyFrameHead(SpdyFrameType Type, int StreamId, byte Flags, int Length)
{
    public const int Size = 8;
    public const byte Fin = 0x01;

    /// <summary>The 24-bit length field's maximum.</summary>
    public const int MaxLength = 0xFFFFFF;

    public bool IsFin => (Flags & Fin) != 0 && Type is SpdyFrameType.Data or SpdyFrameType.SynStream or SpdyFrameType.SynReply;

    /// <summary>Reads a head; null when it is not SPDY version 3.</summary>
    public static SpdyFrameHead? Read(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var second = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        var flags = (byte)(second >> 24);
        var length = (int)(second & MaxLength);
        if ((first & 0x8000_0000) == 0)
        {
            return new(SpdyFrameType.Data, (int)first, flags, length);
        }

        return (first >> 16 & 0x7FFF) == 3 ? new((SpdyFrameType)(first & 0xFFFF), 0, flags, length) : null;
    }

    public void Write(Span<byte> bytes)
    {
        var first = Type == SpdyFrameType.Data ? (uint)StreamId : 0x8003_0000u | (uint)Type;
        BinaryPrimitives.WriteUInt32BigEndian(bytes, first);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], (uint)Flags << 24 | (uint)Length);
    }
}
