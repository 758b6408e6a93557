using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Kobune.Dns.Wire;

/// <summary>Bytes to messages. A message that is cut, loops or claims more than it holds is refused whole.</summary>
internal static class DnsDecoder
{
    /// <summary>Size of the fixed header.</summary>
    public const int HeaderSize = 12;
    private const int OpcodeShift = 11;
    private const int OpcodeMask = 0xF;
    private const int RcodeMask = 0xF;
    private const int FlagsMask = 0x87B0;
    private const uint DnssecOkBit = 0x8000;

    /// <summary>Decodes one whole message.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        var reader = new DnsReader(bytes);
        if (!reader.TryReadUInt16(out var id) || !reader.TryReadUInt16(out var flags)
            || !reader.TryReadUInt16(out var questionCount) || !reader.TryReadUInt16(out var answerCount)
            || !reader.TryReadUInt16(out var authorityCount) || !reader.TryReadUInt16(out var additionalCount))
        {
            return false;
        }

        var sections = new Sections();
        if (!TryReadQuestions(ref reader, questionCount, out var questions)
            || !TryReadRecords(ref reader, answerCount, sections, out var answers)
            || !TryReadRecords(ref reader, authorityCount, sections, out var authorities)
            || !TryReadRecords(ref reader, additionalCount, sections, out var additionals))
        {
            return false;
        }

        message = new()
        {
            Id = id,
            Flags = (DnsFlags)(flags & FlagsMask),
            Opcode = (flags >> OpcodeShift) & OpcodeMask,
            Rcode = (DnsRcode)((flags & RcodeMask) | (sections.ExtendedRcode << 4)),
            Questions = questions,
            Answers = answers,
            Authorities = authorities,
            Additionals = additionals,
            Edns = sections.Edns,
        };
        return true;
    }

    /// <summary>The header alone, for a FORMERR answer to a query whose rest is broken. Null when not even the header is there, or when it is a response.</summary>
    public static DnsMessage? DecodeHeader(ReadOnlySpan<byte> bytes)
    {
        var reader = new DnsReader(bytes);
        if (bytes.Length < HeaderSize || !reader.TryReadUInt16(out var id) || !reader.TryReadUInt16(out var flags) || (flags & (ushort)DnsFlags.Response) != 0)
        {
            return null;
        }

        return new() { Id = id, Flags = (DnsFlags)(flags & FlagsMask), Opcode = (flags >> OpcodeShift) & OpcodeMask };
    }

    private static bool TryReadQuestions(ref DnsReader reader, int count, out IReadOnlyList<DnsQuestion> questions)
    {
        var list = new List<DnsQuestion>(Math.Min(count, 1));
        questions = list;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadName(out var name) || !reader.TryReadUInt16(out var type) || !reader.TryReadUInt16(out var @class))
            {
                return false;
            }

            list.Add(new(name, (DnsType)type, (DnsClass)@class));
        }

        return true;
    }

    private static bool TryReadRecords(ref DnsReader reader, int count, Sections sections, out IReadOnlyList<DnsRecord> records)
    {
        records = [];
        var list = count == 0 ? null : new List<DnsRecord>(Math.Min(count, 16));
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadName(out var name) || !reader.TryReadUInt16(out var type) || !reader.TryReadUInt16(out var @class)
                || !reader.TryReadUInt32(out var ttl) || !reader.TryReadUInt16(out var length))
            {
                return false;
            }

            if ((DnsType)type == DnsType.OPT)
            {
                if (sections.Edns is not null || name != DnsName.Root || !reader.TryTake(length, out _))
                {
                    return false; // RFC 6891: more than one OPT record is a format error
                }

                sections.Edns = new(@class, (byte)(ttl >> 16), (ttl & DnssecOkBit) != 0);
                sections.ExtendedRcode = (int)(ttl >> 24);
                continue;
            }

            var end = reader.Position + length;
            if (!TryReadData(ref reader, (DnsType)type, length, out var data) || reader.Position != end)
            {
                return false;
            }

            list!.Add(new(name, (DnsType)type, (DnsClass)@class, ttl, data));
        }

        records = list is null ? [] : list;
        return true;
    }

    private static bool TryReadData(ref DnsReader reader, DnsType type, int length, [NotNullWhen(true)] out DnsData? data)
    {
        data = null;
        switch (type)
        {
            case DnsType.A when length == 4:
            case DnsType.AAAA when length == 16:
                if (reader.TryTake(length, out var address))
                {
                    data = new AddressData(new IPAddress(address));
                }

                break;
            case DnsType.NS or DnsType.CNAME or DnsType.PTR:
                if (reader.TryReadName(out var target))
                {
                    data = new NameData(target);
                }

                break;
            case DnsType.MX:
                if (reader.TryReadUInt16(out var preference) && reader.TryReadName(out var exchange))
                {
                    data = new MxData(preference, exchange);
                }

                break;
            case DnsType.SRV:
                if (reader.TryReadUInt16(out var priority) && reader.TryReadUInt16(out var weight) && reader.TryReadUInt16(out var port) && reader.TryReadName(out var host))
                {
                    data = new SrvData(priority, weight, port, host);
                }

                break;
            case DnsType.SOA:
                data = ReadSoa(ref reader);
                break;
            case DnsType.A or DnsType.AAAA:
                break;
            default:
                if (reader.TryTake(length, out var raw))
                {
                    data = new RawData(raw.ToArray());
                }

                break;
        }

        return data is not null;
    }

    private static SoaData? ReadSoa(ref DnsReader reader) =>
        reader.TryReadName(out var primary) && reader.TryReadName(out var mailbox) && reader.TryReadUInt32(out var serial)
        && reader.TryReadUInt32(out var refresh) && reader.TryReadUInt32(out var retry) && reader.TryReadUInt32(out var expire) && reader.TryReadUInt32(out var minimum)
            ? new SoaData(primary, mailbox, serial, refresh, retry, expire, minimum)
            : null;

    /// <summary>What the OPT record of any section said.</summary>
    private sealed class Sections
    {
        public DnsEdns? Edns { get; set; }

        public int ExtendedRcode { get; set; }
    }
}
