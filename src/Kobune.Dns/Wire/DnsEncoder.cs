using System.Buffers.Binary;

namespace Kobune.Dns.Wire;

/// <summary>
/// Messages to bytes, with name compression. Records that do not fit are left out: TC is set when an answer or authority is missing,
/// a missing additional record is silent (RFC 2181, section 9).
/// </summary>
internal ref struct DnsEncoder
{
    private const int MaxPointer = 0x3FFF;
    private const int MaxKnownNames = 96;
    private const int OptSize = 11;
    private readonly Span<byte> _buffer;
    private readonly Span<ushort> _known;
    private int _knownCount;
    private int _at;
    private bool _full;

    private DnsEncoder(Span<byte> buffer, Span<ushort> known)
    {
        _buffer = buffer;
        _known = known;
    }

    /// <summary>Encodes into <paramref name="buffer"/>, whose length is the limit (at least 512), and returns the size.</summary>
    public static int Encode(DnsMessage message, Span<byte> buffer)
    {
        Span<ushort> known = stackalloc ushort[MaxKnownNames];
        var limit = message.Edns is null ? buffer.Length : buffer.Length - OptSize;
        var encoder = new DnsEncoder(buffer[..limit], known);
        return encoder.Write(message, buffer);
    }

    private int Write(DnsMessage message, Span<byte> whole)
    {
        _at = DnsDecoder.HeaderSize;
        var questions = 0;
        foreach (var question in message.Questions)
        {
            Name(question.Name, compress: true);
            UInt16((ushort)question.Type);
            UInt16((ushort)question.Class);
            questions++;
        }

        var answers = Records(message.Answers);
        var authorities = _full ? 0 : Records(message.Authorities);
        var truncated = _full;
        var additionals = _full ? 0 : Records(message.Additionals);
        var flags = (int)message.Flags | (message.Opcode << 11) | ((int)message.Rcode & 0xF) | (truncated ? (int)DnsFlags.Truncated : 0);
        BinaryPrimitives.WriteUInt16BigEndian(whole, message.Id);
        BinaryPrimitives.WriteUInt16BigEndian(whole[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(whole[4..], (ushort)questions);
        BinaryPrimitives.WriteUInt16BigEndian(whole[6..], (ushort)answers);
        BinaryPrimitives.WriteUInt16BigEndian(whole[8..], (ushort)authorities);
        BinaryPrimitives.WriteUInt16BigEndian(whole[10..], (ushort)(additionals + (message.Edns is null ? 0 : 1)));
        return message.Edns is null ? _at : _at + Opt(message.Edns, message.Rcode, whole[_at..]);
    }

    private static int Opt(DnsEdns edns, DnsRcode rcode, Span<byte> to)
    {
        to[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(to[1..], (ushort)DnsType.OPT);
        BinaryPrimitives.WriteUInt16BigEndian(to[3..], edns.UdpSize);
        BinaryPrimitives.WriteUInt32BigEndian(to[5..], ((uint)rcode >> 4 << 24) | ((uint)edns.Version << 16) | (edns.DnssecOk ? 0x8000u : 0));
        BinaryPrimitives.WriteUInt16BigEndian(to[9..], 0);
        return OptSize;
    }

    private int Records(IReadOnlyList<DnsRecord> records)
    {
        for (var i = 0; i < records.Count; i++)
        {
            var (start, known) = (_at, _knownCount);
            Record(records[i]);
            if (_full)
            {
                (_at, _knownCount) = (start, known);
                return i;
            }
        }

        return records.Count;
    }

    private void Record(DnsRecord record)
    {
        Name(record.Name, compress: true);
        UInt16((ushort)record.Type);
        UInt16((ushort)record.Class);
        UInt32(record.Ttl);
        var lengthAt = _at;
        UInt16(0);
        Data(record.Data);
        if (!_full)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[lengthAt..], (ushort)(_at - lengthAt - 2));
        }
    }

    private void Data(DnsData data)
    {
        switch (data)
        {
            case AddressData { Address: var address }:
                Span<byte> bytes = stackalloc byte[16];
                address.TryWriteBytes(bytes, out var written);
                Bytes(bytes[..written]);
                break;
            case NameData { Target: var target }:
                Name(target, compress: true);
                break;
            case SrvData srv:
                UInt16(srv.Priority);
                UInt16(srv.Weight);
                UInt16(srv.Port);
                Name(srv.Target, compress: false);
                break;
            case MxData mx:
                UInt16(mx.Preference);
                Name(mx.Exchange, compress: true);
                break;
            case SoaData soa:
                Name(soa.Primary, compress: true);
                Name(soa.Mailbox, compress: true);
                UInt32(soa.Serial);
                UInt32(soa.Refresh);
                UInt32(soa.Retry);
                UInt32(soa.Expire);
                UInt32(soa.Minimum);
                break;
            case RawData raw:
                Bytes(raw.Bytes.Span);
                break;
        }
    }

    private void Name(DnsName name, bool compress)
    {
        var wire = name.Wire;
        while (wire[0] != 0)
        {
            if (compress && Find(wire) is var pointer and >= 0)
            {
                UInt16((ushort)(0xC000 | pointer));
                return;
            }

            if (_knownCount < _known.Length && _at <= MaxPointer)
            {
                _known[_knownCount++] = (ushort)_at;
            }

            var label = wire[0] + 1;
            Bytes(wire[..label]);
            wire = wire[label..];
        }

        Bytes(wire);
    }

    private readonly int Find(ReadOnlySpan<byte> wire)
    {
        for (var i = 0; i < _knownCount; i++)
        {
            if (Matches(_known[i], wire))
            {
                return _known[i];
            }
        }

        return -1;
    }

    /// <summary>Compares byte for byte (case included), so that a compressed name keeps its own spelling.</summary>
    private readonly bool Matches(int at, ReadOnlySpan<byte> wire)
    {
        while (at < _at)
        {
            int head = _buffer[at];
            if ((head & 0xC0) != 0)
            {
                at = ((head & 0x3F) << 8) | _buffer[at + 1];
                continue;
            }

            var size = head + 1;
            if (at + size > _at || wire[0] != head || !_buffer.Slice(at, size).SequenceEqual(wire[..size]))
            {
                return false;
            }

            if (head == 0)
            {
                return true;
            }

            at += size;
            wire = wire[size..];
        }

        return false; // a name that is being written right now is no target yet
    }

    private void UInt16(ushort value)
    {
        if (Room(2))
        {
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[_at..], value);
            _at += 2;
        }
    }

    private void UInt32(uint value)
    {
        if (Room(4))
        {
            BinaryPrimitives.WriteUInt32BigEndian(_buffer[_at..], value);
            _at += 4;
        }
    }

    private void Bytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (Room(bytes.Length))
        {
            bytes.CopyTo(_buffer[_at..]);
            _at += bytes.Length;
        }
    }

    private bool Room(int count)
    {
        _full |= _at + count > _buffer.Length;
        return !_full;
    }
}
