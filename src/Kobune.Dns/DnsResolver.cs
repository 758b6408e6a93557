using Kobune.Dns.Configuration;
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
    private volatile Plan _plan = new(zone, forwarder, DnsSettings.Default);

    /// <summary>Where answers come from; a query keeps the plan that it began with.</summary>
    private sealed record Plan(IAnswerSource Source, Forwarder Forwarder, DnsSettings Settings);

    /// <summary>Whether the zone has been filled once.</summary>
    public bool Ready { get; set; }

    /// <summary>New settings, with a forwarder whose cache knows nothing of the old ones.</summary>
    public void Configure(DnsSettings settings, IAnswerSource source, Forwarder next) => _plan = new(new HostsSource(settings, source), next, settings);

    /// <summary>Null when the message deserves no answer (it is a response). Completes at once for cluster names and cached answers.</summary>
    public ValueTask<DnsMessage?> AnswerAsync(DnsMessage query, bool tcp, CancellationToken ct)
    {
        if (Refuse(query, out var refusal))
        {
            return ValueTask.FromResult(refusal);
        }

        var plan = _plan;
        return plan.Settings.Rewrites.TryGetValue(query.Questions[0].Name.Key, out var other)
            ? RewrittenAsync(query, other, plan, tcp, ct)
            : AnswerAsync(query, plan, tcp, ct);
    }

    /// <summary>Asked under another name; the client sees its own.</summary>
    private async ValueTask<DnsMessage?> RewrittenAsync(DnsMessage query, DnsName other, Plan plan, bool tcp, CancellationToken ct)
    {
        var asked = query.Questions[0];
        var answer = await AnswerAsync(query with { Questions = [asked with { Name = other }] }, plan, tcp, ct);
        return answer is null ? null : answer with { Questions = query.Questions, Answers = [.. answer.Answers.Select(r => r.Name.Equals(other) ? r with { Name = asked.Name } : r)] };
    }

    private ValueTask<DnsMessage?> AnswerAsync(DnsMessage query, Plan plan, bool tcp, CancellationToken ct)
    {
        var question = query.Questions[0];
        if (!Ready && question.Name.IsWithin(domain))
        {
            return ValueTask.FromResult<DnsMessage?>(query.Reply(DnsRcode.ServFail));
        }

        var options = new UpstreamOptions(tcp, query.Edns?.DnssecOk ?? false, query.Has(DnsFlags.CheckingDisabled));
        var answer = plan.Source.Answer(question) ?? plan.Forwarder.Find(question, options);
        return answer is not null && AliasOf(question, answer) is null
            ? ValueTask.FromResult<DnsMessage?>(Respond(query, answer, truncated: false))
            : SlowAsync(query, plan, answer, options, ct);
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

    private static async ValueTask<DnsMessage?> SlowAsync(DnsMessage query, Plan plan, ZoneAnswer? answer, UpstreamOptions options, CancellationToken ct)
    {
        var question = query.Questions[0];
        var truncated = false;
        if (answer is null)
        {
            (answer, truncated) = await plan.Forwarder.AskAsync(question, options, ct);
        }

        var authoritative = answer.Authoritative;
        for (var i = 0; i < MaxAliases && AliasOf(question, answer) is { } target; i++)
        {
            var next = new DnsQuestion(target, question.Type);
            var further = plan.Source.Answer(next) ?? plan.Forwarder.Find(next, options);
            if (further is null)
            {
                (further, truncated) = await plan.Forwarder.AskAsync(next, options, ct);
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
