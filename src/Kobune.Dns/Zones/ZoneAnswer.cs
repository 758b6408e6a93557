using Kobune.Dns.Wire;

namespace Kobune.Dns.Zones;

/// <summary>What a zone or an upstream server says to one question.</summary>
internal sealed record ZoneAnswer(DnsRcode Rcode, IReadOnlyList<DnsRecord> Answers)
{
    public IReadOnlyList<DnsRecord> Authorities { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];

    public bool Authoritative { get; init; }
}
