using Kobune.Dns.Wire;

namespace Kobune.Dns.Forwarding;

/// <summary>Where questions about the rest of the world go.</summary>
internal interface IUpstream
{
    /// <summary>One answer, or null when no server gave one in time.</summary>
    Task<DnsMessage?> AskAsync(DnsQuestion question, UpstreamOptions options, CancellationToken ct);
}

/// <summary>What of the client's query goes along.</summary>
/// <param name="Tcp">Whether the client asked over TCP, so that the answer may be long.</param>
internal readonly record struct UpstreamOptions(bool Tcp, bool DnssecOk, bool CheckingDisabled);
