namespace Kobune.Dns.Wire;

/// <summary>Record types that this server reads or makes (RFC 1035, 2782, 3596, 6891); others pass through as numbers.</summary>
internal enum DnsType : ushort
{
    A = 1,
    NS = 2,
    CNAME = 5,
    SOA = 6,
    PTR = 12,
    MX = 15,
    TXT = 16,
    AAAA = 28,
    SRV = 33,
    OPT = 41,
    IXFR = 251,
    AXFR = 252,
    ANY = 255,
}

/// <summary>IN for all that matters here.</summary>
internal enum DnsClass : ushort
{
    IN = 1,
    CH = 3,
    ANY = 255,
}

/// <summary>Response codes. Above 15 they need EDNS.</summary>
internal enum DnsRcode
{
    NoError = 0,
    FormErr = 1,
    ServFail = 2,
    NXDomain = 3,
    NotImp = 4,
    Refused = 5,
    BadVers = 16,
}

/// <summary>The flag word of a header, response code apart.</summary>
[Flags]
internal enum DnsFlags : ushort
{
    None = 0,
    CheckingDisabled = 0x0010,
    AuthenticData = 0x0020,
    RecursionAvailable = 0x0080,
    RecursionDesired = 0x0100,
    Truncated = 0x0200,
    Authoritative = 0x0400,
    Response = 0x8000,
}
