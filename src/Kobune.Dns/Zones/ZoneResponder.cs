using System.Net;
using Kobune.Dns.Wire;

namespace Kobune.Dns.Zones;

/// <summary>
/// Answers questions about the cluster domain and the reverse names of its addresses, as CoreDNS' kubernetes plugin does with
/// kubeadm's settings (pods insecure, ttl 30, fallthrough for reverse names). Kubernetes DNS specification 1.1.0.
/// </summary>
internal sealed partial class ZoneResponder : IAnswerSource
{
    /// <summary>Seconds, as in kubeadm's Corefile.</summary>
    public const uint Ttl = 30;
    private const string SpecificationVersion = "1.1.0";
    private const string DnsNamespace = "kube-system";
    private const string DnsService = "kube-dns";
    private readonly ClusterZone _zone;
    private readonly string _domain;
    private readonly DnsName _domainName;
    private uint _turn;

    /// <param name="zone">The objects.</param>
    /// <param name="domain">"cluster.local", without a final dot.</param>
    public ZoneResponder(ClusterZone zone, string domain)
    {
        _zone = zone;
        _domainName = DnsName.Parse(domain);
        _domain = _domainName.Key;
    }

    /// <summary>The answer, or null when the question is not about this cluster.</summary>
    public ZoneAnswer? Answer(DnsQuestion question)
    {
        if (question.Name.IsWithin(_domain))
        {
            return question.Name.Key.Length == _domain.Length ? Apex(question) : Below(question, question.Name.Key[..^(_domain.Length + 1)]);
        }

        return ReverseName.Parse(question.Name.Key) is { } address ? Reverse(question, address) : null;
    }

    private ZoneAnswer Apex(DnsQuestion question) => question.Type switch
    {
        DnsType.SOA => Found([Soa()]),
        DnsType.NS => NameServer(),
        _ => NoData(),
    };

    private ZoneAnswer NameServer()
    {
        if (_zone.Find(DnsNamespace, DnsService) is not { ClusterIPs.Count: > 0 } service)
        {
            return Found([DnsRecord.Pointer(DnsType.NS, _domainName, Ttl, DnsName.Parse("ns.dns." + _domain))]);
        }

        var name = ServiceName(service);
        return Found([DnsRecord.Pointer(DnsType.NS, _domainName, Ttl, name)]) with { Additionals = [.. service.ClusterIPs.Select(a => DnsRecord.Address(name, Ttl, a))] };
    }

    private ZoneAnswer Below(DnsQuestion question, string relative)
    {
        if (relative == "dns-version")
        {
            return question.Type == DnsType.TXT ? Found([new(question.Name, DnsType.TXT, DnsClass.IN, Ttl, RawData.Text(SpecificationVersion))]) : NoData();
        }

        if (ZoneQuery.Parse(relative) is not { } query)
        {
            return NoName();
        }

        if (query.Namespace.Length == 0)
        {
            return NoData();
        }

        if (!_zone.HasNamespace(query.Namespace))
        {
            return NoName();
        }

        if (query.Service.Length == 0)
        {
            return NoData();
        }

        return query.Pod ? PodRecord(question, query.Service) : ServiceRecords(question, query);
    }

    /// <summary>"10-244-0-5.ns.pod": any address is answered, whether a pod has it or not (pods insecure).</summary>
    private ZoneAnswer PodRecord(DnsQuestion question, string label)
    {
        var v4 = label.Count(c => c == '-') == 3 && !label.Contains("--", StringComparison.Ordinal);
        if (!IPAddress.TryParse(label.Replace('-', v4 ? '.' : ':'), out var address) || (!v4 && !label.Contains('-', StringComparison.Ordinal)))
        {
            return NoName();
        }

        var record = DnsRecord.Address(question.Name, Ttl, address);
        return record.Type == question.Type ? Found([record]) : NoData();
    }

    private ZoneAnswer? Reverse(DnsQuestion question, IPAddress address)
    {
        List<DnsRecord> records = [];
        if (_zone.FindByClusterIP(address) is { } service)
        {
            records.Add(DnsRecord.Pointer(DnsType.PTR, question.Name, Ttl, ServiceName(service)));
        }
        else
        {
            foreach (var (owner, label) in _zone.FindEndpoints(address))
            {
                records.Add(DnsRecord.Pointer(DnsType.PTR, question.Name, Ttl, ServiceName(owner, label + ".")));
            }
        }

        return records.Count == 0 ? null : question.Type == DnsType.PTR ? Found(records) : NoData();
    }

    private DnsName ServiceName(ZoneService service, string prefix = "") => DnsName.Parse($"{prefix}{service.Name}.{service.Namespace}.svc.{_domain}");

    private static ZoneAnswer Found(IReadOnlyList<DnsRecord> records) => new(DnsRcode.NoError, records) { Authoritative = true };

    private ZoneAnswer NoData() => new(DnsRcode.NoError, []) { Authorities = [Soa()], Authoritative = true };

    private ZoneAnswer NoName() => new(DnsRcode.NXDomain, []) { Authorities = [Soa()], Authoritative = true };

    private DnsRecord Soa() => new(_domainName, DnsType.SOA, DnsClass.IN, Ttl, new SoaData(
        DnsName.Parse("ns.dns." + _domain), DnsName.Parse("hostmaster." + _domain), _zone.Serial, Refresh: 7200, Retry: 1800, Expire: 86400, Minimum: Ttl));
}
