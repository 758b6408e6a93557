using System.Net;
using Kobune.Dns.Wire;

namespace Kobune.Dns.Zones;

/// <summary>
/// Answers questions about the cluster domain and the reverse names of its addresses, as CoreDNS' kubernetes plugin does (reverse names that no
/// object has fall through). Kubernetes DNS specification 1.1.0; a name that has none of its own but names below it exists (RFC 8020).
/// </summary>
internal sealed partial class ZoneResponder : IAnswerSource
{
    private const string SpecificationVersion = "1.1.0";
    private const string DnsNamespace = "kube-system";
    private const string DnsService = "kube-dns";
    private const string DefaultServer = "ns.dns"; // where no Service stands for this server (plugin/kubernetes/ns.go)
    private readonly ClusterZone _zone;
    private readonly string _domain;
    private readonly DnsName _domainName;
    private readonly ZoneSettings _settings;
    private uint _turn;

    /// <param name="zone">The objects.</param>
    /// <param name="domain">"cluster.local", without a final dot.</param>
    /// <param name="settings">What may be set of it.</param>
    public ZoneResponder(ClusterZone zone, string domain, ZoneSettings settings)
    {
        (_zone, _settings) = (zone, settings);
        _domainName = DnsName.Parse(domain);
        _domain = _domainName.Key;
    }

    private uint Ttl => _settings.Ttl;

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

    private DnsName DefaultServerName => DnsName.Parse(DefaultServer + "." + _domain);

    private IReadOnlyList<IPAddress> ServerAddresses => _zone.Find(DnsNamespace, DnsService)?.ClusterIPs ?? [];

    private ZoneAnswer NameServer()
    {
        if (_zone.Find(DnsNamespace, DnsService) is not { ClusterIPs.Count: > 0 } service)
        {
            return Found([DnsRecord.Pointer(DnsType.NS, _domainName, Ttl, DefaultServerName)]);
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

        if (relative is DefaultServer or "dns" && ServerAddresses is { Count: > 0 } servers)
        {
            return relative == "dns" ? NoData() : OfType(question, [.. servers.Select(a => DnsRecord.Address(question.Name, Ttl, a))]);
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

        return !query.Pod ? ServiceRecords(question, query) : _settings.Pods == PodRecords.Disabled ? NoName() : PodRecord(question, query);
    }

    /// <summary>"10-244-0-5.ns.pod": by "pods insecure" any address is answered, whether a pod has it or not; by "pods verified" those of the namespace's pods.</summary>
    private ZoneAnswer PodRecord(DnsQuestion question, ZoneQuery query)
    {
        var label = query.Service;
        var v4 = label.Count(c => c == '-') == 3 && !label.Contains("--", StringComparison.Ordinal);
        if (!IPAddress.TryParse(label.Replace('-', v4 ? '.' : ':'), out var address) || (!v4 && !label.Contains('-', StringComparison.Ordinal)))
        {
            return NoName();
        }

        if (_settings.Pods == PodRecords.Verified && _zone.HasPod(query.Namespace, address) is not true and var has)
        {
            return has is null ? new(DnsRcode.ServFail, []) : NoName();
        }

        return OfType(question, [DnsRecord.Address(question.Name, Ttl, address)]);
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

    private ZoneAnswer OfType(DnsQuestion question, IEnumerable<DnsRecord> records) =>
        records.Where(r => r.Type == question.Type).ToList() is { Count: > 0 } asked ? Found(asked) : NoData();

    private static ZoneAnswer Found(IReadOnlyList<DnsRecord> records) => new(DnsRcode.NoError, records) { Authoritative = true };

    private ZoneAnswer NoData() => new(DnsRcode.NoError, []) { Authorities = [Soa()], Authoritative = true };

    private ZoneAnswer NoName() => new(DnsRcode.NXDomain, []) { Authorities = [Soa()], Authoritative = true };

    private DnsRecord Soa() => new(_domainName, DnsType.SOA, DnsClass.IN, Ttl, new SoaData(
        DefaultServerName, DnsName.Parse("hostmaster." + _domain), _zone.Serial, Refresh: 7200, Retry: 1800, Expire: 86400, Minimum: Ttl));
}
