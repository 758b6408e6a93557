using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Kobune.Dns.Wire;

/// <summary>A cursor over one message. Every method returns false instead of reading past the end; nothing here throws, whatever the bytes are.</summary>
internal ref struct DnsReader(ReadOnlySpan<byte> message)
{
    private const int PointerMask = 0xC0;
    private readonly ReadOnlySpan<byte> _message = message;

    public int Position { get; private set; }

    public bool TryReadByte(out byte value)
    {
        value = 0;
        if (!TryTake(1, out var bytes))
        {
            return false;
        }

        value = bytes[0];
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        value = 0;
        if (!TryTake(2, out var bytes))
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        value = 0;
        if (!TryTake(4, out var bytes))
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }

    public bool TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        if (count > _message.Length - Position)
        {
            bytes = default;
            return false;
        }

        bytes = _message.Slice(Position, count);
        Position += count;
        return true;
    }

    /// <summary>Reads a name, following compression pointers. A pointer has to point before the labels it continues, so a chain of them always ends.</summary>
    public bool TryReadName([NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[DnsName.MaxLength];
        var length = 0;
        var at = Position;
        var lowest = Position;
        var end = -1;
        while (at < _message.Length)
        {
            int head = _message[at];
            if ((head & PointerMask) == PointerMask)
            {
                if (at + 1 >= _message.Length)
                {
                    return false;
                }

                end = end < 0 ? at + 2 : end;
                at = ((head & ~PointerMask) << 8) | _message[at + 1];
                if (at >= lowest)
                {
                    return false;
                }

                lowest = at;
                continue;
            }

            var size = head + 1;
            if ((head & PointerMask) != 0 || at + size > _message.Length || length + size > wire.Length)
            {
                return false;
            }

            _message.Slice(at, size).CopyTo(wire[length..]);
            length += size;
            at += size;
            if (head == 0)
            {
                Position = end < 0 ? at : end;
                name = DnsName.FromWire(wire[..length]);
                return true;
            }
        }

        return false;
    }
}
