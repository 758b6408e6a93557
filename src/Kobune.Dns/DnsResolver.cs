using Kobune.Dns.Forwarding;
using Kobune.Dns.Wire;
using Kobune.Dns.Zones;

namespace Kobune.Dns;

/// <summary>
/// Query in, response out:
/// 1. refuse what is no question; 2. until the objects are known, SERVFAIL for the cluster's own names; 3. the cluster's zone;
/// 4. an alias that leads elsewhere is followed; 5. everything else goes upstream.
/// </summary>
internal sealed class DnsResolver(IAnswerSource zone, Forwarder forwarder, string domain)
{
    private const int MaxAliases = 8;

    /// <summary>Whether the zone has been filled once.</summary>
    public bool Ready { get; set; }

    /// <summary>Null when the message deserves no answer (it is a response). Completes at once for cluster names and cached answers.</summary>
    public ValueTask<DnsMessage?> AnswerAsync(DnsMessage query, bool tcp, CancellationToken ct)
    {
        if (Refuse(query, out var refusal))
        {
            return ValueTask.FromResult(refusal);
        }

        var question = query.Questions[0];
        if (!Ready && question.Name.IsWithin(domain))
        {
            return ValueTask.FromResult<DnsMessage?>(query.Reply(DnsRcode.ServFail));
        }

        var options = new UpstreamOptions(tcp, query.Edns?.DnssecOk ?? false, query.Has(DnsFlags.CheckingDisabled));
        var answer = zone.Answer(question) ?? forwarder.Find(question, options);
        return answer is not null && AliasOf(question, answer) is null
            ? ValueTask.FromResult<DnsMessage?>(Respond(query, answer, truncated: false))
            : SlowAsync(query, answer, options, ct);
    }

    /// <summary>The answer to bytes that are no whole message: FORMERR when at least the header is there.</summary>
    public static DnsMessage? AnswerBroken(ReadOnlySpan<byte> bytes) => DnsDecoder.DecodeHeader(bytes)?.Reply(DnsRcode.FormErr);

    private static bool Refuse(DnsMessage query, out DnsMessage? refusal)
    {
        refusal = null;
        if (query.Has(DnsFlags.Response))
        {
            return true;
        }

        DnsRcode? rcode =
            query.Opcode != 0 ? DnsRcode.NotImp
            : query.Questions.Count != 1 ? DnsRcode.FormErr
            : query.Edns is { Version: > 0 } ? DnsRcode.BadVers
            : query.Questions[0].Class != DnsClass.IN || query.Questions[0].Type is DnsType.AXFR or DnsType.IXFR ? DnsRcode.Refused
            : null;
        refusal = rcode is { } code ? query.Reply(code) : null;
        return rcode is not null;
    }

    private async ValueTask<DnsMessage?> SlowAsync(DnsMessage query, ZoneAnswer? answer, UpstreamOptions options, CancellationToken ct)
    {
        var question = query.Questions[0];
        var truncated = false;
        if (answer is null)
        {
            (answer, truncated) = await forwarder.AskAsync(question, options, ct);
        }

        var authoritative = answer.Authoritative;
        for (var i = 0; i < MaxAliases && AliasOf(question, answer) is { } target; i++)
        {
            var next = new DnsQuestion(target, question.Type);
            var further = zone.Answer(next) ?? forwarder.Find(next, options);
            if (further is null)
            {
                (further, truncated) = await forwarder.AskAsync(next, options, ct);
            }

            answer = further with { Answers = [.. answer.Answers, .. further.Answers] };
            if (further.Answers.Count == 0)
            {
                break;
            }
        }

        return Respond(query, answer with { Authoritative = authoritative }, truncated);
    }

    /// <summary>Where the last alias leads when its target is not in the answer yet. Only the cluster's own aliases: upstream follows its own.</summary>
    private static DnsName? AliasOf(DnsQuestion question, ZoneAnswer answer) =>
        question.Type != DnsType.CNAME && answer is { Authoritative: true, Rcode: DnsRcode.NoError, Answers: [.., { Type: DnsType.CNAME, Data: NameData { Target: var target } }] }
            ? target
            : null;

    private static DnsMessage Respond(DnsMessage query, ZoneAnswer answer, bool truncated)
    {
        var reply = query.Reply(answer.Rcode);
        return reply with
        {
            Flags = reply.Flags | (answer.Authoritative ? DnsFlags.Authoritative : DnsFlags.None) | (truncated ? DnsFlags.Truncated : DnsFlags.None),
            Answers = answer.Answers,
            Authorities = answer.Authorities,
            Additionals = answer.Additionals,
        };
    }
}
