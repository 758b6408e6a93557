using Kobune.Dns.Wire;
using Kobune.Dns.Zones;

namespace Kobune.Dns.Forwarding;

/// <summary>Upstream servers behind the cache. Too many questions at once are refused, as CoreDNS' max_concurrent does.</summary>
internal sealed class Forwarder(IUpstream upstream, AnswerCache cache)
{
    private const int MaxConcurrent = 1000;
    private int _running;

    /// <summary>An answer of the cache, at once, or null.</summary>
    public ZoneAnswer? Find(DnsQuestion question, UpstreamOptions options)
    {
        var kept = cache.Find(new(question, options.DnssecOk, options.CheckingDisabled), out var isDue);
        if (isDue)
        {
            _ = AskAsync(question, options, CancellationToken.None); // ends by the upstream's own time limit; what comes of it is in the cache
        }

        return kept is null ? null : ToAnswer(kept);
    }

    public async Task<(ZoneAnswer Answer, bool Truncated)> AskAsync(DnsQuestion question, UpstreamOptions options, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _running) > MaxConcurrent)
        {
            Interlocked.Decrement(ref _running);
            return (new(DnsRcode.Refused, []), false);
        }

        try
        {
            var answer = await upstream.AskAsync(question, options, ct);
            if (answer is null)
            {
                return (new(DnsRcode.ServFail, []), false);
            }

            cache.Store(new(question, options.DnssecOk, options.CheckingDisabled), answer);
            return (ToAnswer(answer), answer.Has(DnsFlags.Truncated));
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private static ZoneAnswer ToAnswer(DnsMessage message) =>
        new(message.Rcode, message.Answers) { Authorities = message.Authorities, Additionals = message.Additionals };
}
