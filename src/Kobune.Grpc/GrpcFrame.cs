using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Kobune.Grpc;

/// <summary>The length-prefixed message of gRPC over HTTP/2: one flag byte (1 = compressed), four bytes of length, the message.</summary>
internal static class GrpcFrame
{
    internal const int HeaderSize = 5;

    internal static byte[] Encode(IMessage message)
    {
        var size = message.CalculateSize();
        var frame = new byte[HeaderSize + size];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)size);
        message.WriteTo(frame.AsSpan(HeaderSize));
        return frame;
    }

    /// <summary>Reads one message; false when the stream ends before a first byte.</summary>
    /// <exception cref="RpcException">The frame is cut, compressed or larger than allowed.</exception>
    internal static async ValueTask<(bool Found, T? Message)> ReadAsync<T>(Stream stream, MessageParser<T> parser, int maxSize, CancellationToken ct)
        where T : IMessage<T>
    {
        var header = new byte[HeaderSize];
        var got = await stream.ReadAtLeastAsync(header, HeaderSize, throwOnEndOfStream: false, ct);
        if (got == 0)
        {
            return (false, default);
        }

        if (got < HeaderSize)
        {
            throw new RpcException(StatusCode.Internal, "the stream ended inside a message header");
        }

        return (true, await ReadBodyAsync(stream, parser, CheckedSize(header, maxSize), ct));
    }

    private static int CheckedSize(ReadOnlySpan<byte> header, int maxSize)
    {
        if (header[0] != 0)
        {
            throw new RpcException(StatusCode.Unimplemented, "compressed messages were not asked for");
        }

        var size = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (size > (uint)maxSize)
        {
            throw new RpcException(StatusCode.ResourceExhausted, $"received message larger than max ({size} vs. {maxSize})");
        }

        return (int)size;
    }

    private static async ValueTask<T> ReadBodyAsync<T>(Stream stream, MessageParser<T> parser, int size, CancellationToken ct)
        where T : IMessage<T>
    {
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var got = await stream.ReadAtLeastAsync(buffer.AsMemory(0, size), size, throwOnEndOfStream: false, ct);
            if (got < size)
            {
                throw new RpcException(StatusCode.Internal, "the stream ended inside a message");
            }

            return parser.ParseFrom(buffer.AsSpan(0, size));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new RpcException(StatusCode.Internal, $"the message does not parse: {e.Message}", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
