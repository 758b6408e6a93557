using Kobune.Dns.Wire;
using Kobune.Dns.Zones;

namespace Kobune.Dns.Configuration;

/// <summary>Fixed names first, forwards and backwards, then another source.</summary>
internal sealed class HostsSource(DnsSettings settings, IAnswerSource next) : IAnswerSource
{
    public ZoneAnswer? Answer(DnsQuestion question)
    {
        if (settings.Hosts.TryGetValue(question.Name.Key, out var addresses))
        {
            return new(DnsRcode.NoError, [.. addresses.Select(a => DnsRecord.Address(question.Name, settings.HostsTtl, a)).Where(r => r.Type == question.Type)]) { Authoritative = true };
        }

        if (question.Type == DnsType.PTR && settings.Hosts.Count > 0 && ReverseName.Parse(question.Name.Key) is { } address)
        {
            var names = settings.Hosts.Where(h => h.Value.Contains(address)).Select(h => h.Key).Order(StringComparer.Ordinal).ToList();
            if (names.Count > 0)
            {
                return new(DnsRcode.NoError, [.. names.Select(n => DnsRecord.Pointer(DnsType.PTR, question.Name, settings.HostsTtl, DnsName.Parse(n)))]) { Authoritative = true };
            }
        }

        return next.Answer(question);
    }
}
