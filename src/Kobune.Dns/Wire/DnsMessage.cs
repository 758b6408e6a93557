using System.Net;

namespace Kobune.Dns.Wire;

/// <summary>What is asked.</summary>
internal sealed record DnsQuestion(DnsName Name, DnsType Type, DnsClass Class = DnsClass.IN);

/// <summary>One resource record.</summary>
/// <param name="Ttl">In seconds.</param>
internal sealed record DnsRecord(DnsName Name, DnsType Type, DnsClass Class, uint Ttl, DnsData Data)
{
    /// <summary>An A or AAAA record, by the address's family.</summary>
    public static DnsRecord Address(DnsName name, uint ttl, IPAddress address) =>
        new(name, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? DnsType.A : DnsType.AAAA, DnsClass.IN, ttl, new AddressData(address));

    /// <summary>A CNAME, PTR or NS record.</summary>
    public static DnsRecord Pointer(DnsType type, DnsName name, uint ttl, DnsName target) => new(name, type, DnsClass.IN, ttl, new NameData(target));
}

/// <summary>What a record says. Types whose data hold names are taken apart, because the names may be compressed; all others stay bytes.</summary>
internal abstract record DnsData;

/// <summary>A and AAAA.</summary>
internal sealed record AddressData(IPAddress Address) : DnsData;

/// <summary>CNAME, NS, PTR.</summary>
internal sealed record NameData(DnsName Target) : DnsData;

/// <summary>SRV (RFC 2782); its target is never compressed when written.</summary>
internal sealed record SrvData(ushort Priority, ushort Weight, ushort Port, DnsName Target) : DnsData;

/// <summary>MX.</summary>
internal sealed record MxData(ushort Preference, DnsName Exchange) : DnsData;

/// <summary>SOA; times in seconds. <paramref name="Minimum"/> bounds how long a negative answer is kept (RFC 2308).</summary>
internal sealed record SoaData(DnsName Primary, DnsName Mailbox, uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum) : DnsData;

/// <summary>TXT and every type that this server does not look into.</summary>
internal sealed record RawData(ReadOnlyMemory<byte> Bytes) : DnsData
{
    /// <summary>TXT data of one character string of at most 255 bytes.</summary>
    public static RawData Text(string text) => new((byte[])[(byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)]);
}

/// <summary>The OPT pseudo record (RFC 6891); options are not kept.</summary>
/// <param name="UdpSize">Largest UDP answer that the sender takes.</param>
internal sealed record DnsEdns(ushort UdpSize, byte Version = 0, bool DnssecOk = false);

/// <summary>A query or a response. The OPT record is <see cref="Edns"/>, never one of <see cref="Additionals"/>.</summary>
internal sealed record DnsMessage
{
    public ushort Id { get; init; }

    public DnsFlags Flags { get; init; }

    /// <summary>0 is QUERY.</summary>
    public int Opcode { get; init; }

    /// <summary>Twelve bits: the upper eight travel in the OPT record.</summary>
    public DnsRcode Rcode { get; init; }

    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    public IReadOnlyList<DnsRecord> Authorities { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];

    public DnsEdns? Edns { get; init; }

    public bool Has(DnsFlags flag) => (Flags & flag) != 0;

    /// <summary>An answer without records to this query: same id, question and recursion wish, EDNS when the query had it.</summary>
    public DnsMessage Reply(DnsRcode rcode) => new()
    {
        Id = Id,
        Opcode = Opcode,
        Rcode = rcode,
        Flags = DnsFlags.Response | DnsFlags.RecursionAvailable | (Flags & (DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled)),
        Questions = Questions,
        Edns = Edns is null ? null : new DnsEdns(ServerUdpSize, 0, Edns.DnssecOk),
    };

    /// <summary>The UDP size that this server announces: fits every common path without fragments (DNS flag day 2020).</summary>
    public const ushort ServerUdpSize = 1232;
}
