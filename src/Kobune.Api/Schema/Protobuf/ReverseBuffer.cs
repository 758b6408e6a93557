using System.Buffers;
using System.Text;

namespace Kobune.Api.Schema.Protobuf;

/// <summary>A buffer that is filled from its end: the length of a message is known when its bytes stand, so nothing is measured twice.</summary>
internal sealed class ReverseBuffer : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(4096);
    private int _start;

    public ReverseBuffer()
    {
        _start = _bytes.Length;
    }

    /// <summary>Bytes written so far.</summary>
    public int Length => _bytes.Length - _start;

    public byte[] ToArray() => _bytes.AsSpan(_start).ToArray();

    public void Varint(ulong value)
    {
        var size = 1;
        for (var rest = value >> 7; rest != 0; rest >>= 7)
        {
            size++;
        }

        var span = Room(size);
        for (var i = 0; i < size - 1; i++)
        {
            span[i] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[size - 1] = (byte)value;
    }

    public void Tag(int number, WireType wire) => Varint(((uint)number << 3) | (uint)wire);

    public void Fixed64(long bits) => System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(Room(8), bits);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Room(value.Length));

    public void Text(ReadOnlySpan<char> value) => Encoding.UTF8.GetBytes(value, Room(Encoding.UTF8.GetByteCount(value)));

    /// <summary>Closes a length-delimited field whose content was written since <paramref name="mark"/> was taken from <see cref="Length"/>.</summary>
    public void Close(int number, int mark)
    {
        Varint((ulong)(Length - mark));
        Tag(number, WireType.Bytes);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    private Span<byte> Room(int size)
    {
        if (size > _start)
        {
            Grow(size);
        }

        _start -= size;
        return _bytes.AsSpan(_start, size);
    }

    private void Grow(int size)
    {
        var length = Length;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, length + size));
        _bytes.AsSpan(_start).CopyTo(larger.AsSpan(larger.Length - length));
        ArrayPool<byte>.Shared.Return(_bytes);
        _start = larger.Length - length;
        _bytes = larger;
    }
}

/// <summary>How protobuf carries a field.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
