using System.Collections.Immutable;
using System.Net;
using Kobune.Dns.Wire;
using Kobune.Dns.Zones;

namespace Kobune.Dns.Ingresses;

/// <summary>
/// The hosts of all Ingresses, each leading to the node. A wildcard host stands for one label, as in an Ingress. Any other name is REFUSED and not
/// said not to exist: a resolver that has other servers goes on to ask them, so this one may stand first in a resolv.conf.
/// </summary>
internal sealed class IngressZone(IReadOnlyList<IPAddress> addresses) : IAnswerSource
{
    /// <summary>Seconds.</summary>
    public const uint Ttl = 30;

    private static readonly ZoneAnswer Refused = new(DnsRcode.Refused, []);
    private volatile ImmutableHashSet<string> _hosts = [];

    /// <summary>The hosts in lower case, wildcards with their star; replaced whole.</summary>
    public ImmutableHashSet<string> Hosts
    {
        get => _hosts;
        set => _hosts = value;
    }

    public ZoneAnswer? Answer(DnsQuestion question)
    {
        if (!Knows(question.Name.Key))
        {
            return Refused;
        }

        DnsRecord[] records = [.. addresses.Select(a => DnsRecord.Address(question.Name, Ttl, a)).Where(r => r.Type == question.Type)];
        return new(DnsRcode.NoError, records) { Authoritative = true, Authorities = records.Length > 0 ? [] : [Soa(question.Name)] };
    }

    private bool Knows(string name)
    {
        var hosts = _hosts;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return hosts.Contains(name) || (dot > 0 && hosts.Contains("*" + name[dot..]));
    }

    /// <summary>Lets resolvers remember that a host has no address of the other family.</summary>
    private static DnsRecord Soa(DnsName name) =>
        new(name, DnsType.SOA, DnsClass.IN, Ttl, new SoaData(name, DnsName.Parse("hostmaster.kobune.internal"), Serial: 1, Refresh: 7200, Retry: 1800, Expire: 86400, Minimum: Ttl));
}
