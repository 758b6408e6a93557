using System.Text;

namespace Kobune.Api.Schema.Protobuf;

/// <summary>Reads the fields of one message; never past its end.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    /// <summary>The next field's number and wire type; false at the end.</summary>
    public bool Next(out int number, out WireType wire)
    {
        number = 0;
        wire = default;
        if (_at >= _message.Length)
        {
            return false;
        }

        var tag = Varint();
        number = (int)(tag >> 3);
        wire = (WireType)(tag & 7);
        return tag >> 3 is > 0 and < 1 << 29 ? true : throw Bad("illegal tag");
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at >= _message.Length)
            {
                throw Bad("unexpected EOF");
            }

            var b = _message[_at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Bad("integer overflow");
    }

    public long Int64(WireType wire) => wire == WireType.Varint ? unchecked((long)Varint()) : throw Bad("wrong wireType");

    public double Double(WireType wire) => wire == WireType.Fixed64
        ? BitConverter.Int64BitsToDouble(System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(Take(8)))
        : throw Bad("wrong wireType");

    public ReadOnlySpan<byte> Bytes(WireType wire) => wire == WireType.Bytes ? Bytes() : throw Bad("wrong wireType");

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>Passes over a field that is not known.</summary>
    public void Skip(WireType wire)
    {
        switch (wire)
        {
            case WireType.Varint: Varint(); break;
            case WireType.Fixed64: Take(8); break;
            case WireType.Fixed32: Take(4); break;
            case WireType.Bytes: Bytes(); break;
            default: throw Bad("illegal wireType");
        }
    }

    public static ObjectDecodeException Bad(string what) => new("proto: " + what);

    private ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        return length <= (ulong)(_message.Length - _at) ? Take((int)length) : throw Bad("unexpected EOF");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _message.Length - _at)
        {
            throw Bad("unexpected EOF");
        }

        var span = _message.Slice(_at, count);
        _at += count;
        return span;
    }
}
