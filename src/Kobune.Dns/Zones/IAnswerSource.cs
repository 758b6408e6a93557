using Kobune.Dns.Wire;

namespace Kobune.Dns.Zones;

/// <summary>What this server knows itself.</summary>
internal interface IAnswerSource
{
    /// <summary>The answer, or null when the question is not about anything it knows.</summary>
    ZoneAnswer? Answer(DnsQuestion question);
}
