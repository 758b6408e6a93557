using System.Net;
using System.Net.Sockets;
using Kobune.Dns.Wire;

namespace Kobune.Dns.Zones;

/// <summary>Records of Services: by cluster IP, by endpoint, by external name.</summary>
internal sealed partial class ZoneResponder
{
    private const int WholeWeight = 100;

    /// <summary>One host and port that a name stands for; <paramref name="Name"/> is what SRV points to.</summary>
    private readonly record struct Target(IPAddress Address, int Port, DnsName Name);

    private ZoneAnswer ServiceRecords(DnsQuestion question, ZoneQuery query)
    {
        if (_zone.Find(query.Namespace, query.Service) is not { } service)
        {
            return NoName();
        }

        if (service.ExternalName.Length > 0)
        {
            return External(question, query, service);
        }

        var targets = service.Headless || query.Endpoint.Length > 0 ? EndpointTargets(service, query) : ClusterTargets(service, query);
        if (targets.Count == 0)
        {
            return HasNamesBelow(service, query) ? NoData() : NoName();
        }

        return question.Type switch
        {
            DnsType.A => Addresses(question.Name, targets, AddressFamily.InterNetwork),
            DnsType.AAAA => Addresses(question.Name, targets, AddressFamily.InterNetworkV6),
            DnsType.SRV => Srv(question.Name, targets),
            _ => NoData(),
        };
    }

    private ZoneAnswer External(DnsQuestion question, ZoneQuery query, ZoneService service)
    {
        if (query.Endpoint.Length > 0 || query.Port.Length > 0 || query.Protocol.Length > 0)
        {
            return NoName();
        }

        return IPAddress.TryParse(service.ExternalName, out _) || !DnsName.TryParse(service.ExternalName, out var target)
            ? NoName() // an address is no host name: upstream serves nothing for it
            : question.Type == DnsType.ANY ? NoData()
            : Found([DnsRecord.Pointer(DnsType.CNAME, question.Name, Ttl, target)]); // whatever is asked: an alias stands for all types (RFC 1034, 4.3.2)
    }

    /// <summary>"_tcp.web": no name of its own, but "_http._tcp.web" is below it.</summary>
    private static bool HasNamesBelow(ZoneService service, ZoneQuery query) =>
        query.Endpoint is ['_', .. var protocol]
        && (service.Headless ? service.Endpoints.SelectMany(e => e.Ports) : service.Ports).Any(p => p.Name.Length > 0 && p.Protocol == protocol);

    private List<Target> ClusterTargets(ZoneService service, ZoneQuery query)
    {
        var targets = new List<Target>();
        var name = ServiceName(service);
        foreach (var port in service.Ports)
        {
            if (Matches(query, port))
            {
                foreach (var address in service.ClusterIPs)
                {
                    targets.Add(new(address, port.Port, name));
                }
            }
        }

        return targets;
    }

    private List<Target> EndpointTargets(ZoneService service, ZoneQuery query)
    {
        var targets = new List<Target>();
        foreach (var endpoint in service.Endpoints)
        {
            var label = LabelOf(endpoint);
            if (query.Endpoint.Length > 0 && query.Endpoint != label)
            {
                continue;
            }

            var name = ServiceName(service, label + ".");
            foreach (var port in endpoint.Ports)
            {
                if (Matches(query, port))
                {
                    targets.Add(new(endpoint.Address, port.Port, name));
                }
            }
        }

        return targets;
    }

    private string LabelOf(ZoneEndpoint endpoint) => _settings.EndpointPodNames && !endpoint.HasHostname && endpoint.PodName.Length > 0 ? endpoint.PodName : endpoint.Label;

    private static bool Matches(ZoneQuery query, ZonePort port) =>
        (query.Port.Length == 0 || string.Equals(query.Port, port.Name, StringComparison.OrdinalIgnoreCase))
        && (query.Protocol.Length == 0 || string.Equals(query.Protocol, port.Protocol, StringComparison.OrdinalIgnoreCase));

    private ZoneAnswer Addresses(DnsName name, List<Target> targets, AddressFamily family)
    {
        var addresses = new List<IPAddress>();
        var seen = new HashSet<IPAddress>();
        foreach (var target in targets)
        {
            if (target.Address.AddressFamily == family && seen.Add(target.Address))
            {
                addresses.Add(target.Address);
            }
        }

        if (addresses.Count == 0)
        {
            return NoData();
        }

        // Clients take the first address: turn the list round, as CoreDNS' loadbalance plugin does.
        var first = (int)(Interlocked.Increment(ref _turn) % (uint)addresses.Count);
        var records = new DnsRecord[addresses.Count];
        for (var i = 0; i < records.Length; i++)
        {
            records[i] = DnsRecord.Address(name, Ttl, addresses[(first + i) % addresses.Count]);
        }

        return Found(records);
    }

    private ZoneAnswer Srv(DnsName name, List<Target> targets)
    {
        var pairs = targets.Where(t => t.Port >= 0).DistinctBy(t => (t.Port, t.Name)).ToList();
        if (pairs.Count == 0)
        {
            return NoData();
        }

        var weight = (ushort)Math.Max(1, WholeWeight / pairs.Count);
        return Found([.. pairs.Select(t => new DnsRecord(name, DnsType.SRV, DnsClass.IN, Ttl, new SrvData(0, weight, (ushort)t.Port, t.Name)))]) with
        {
            Additionals = [.. targets.DistinctBy(t => (t.Address, t.Name)).Select(t => DnsRecord.Address(t.Name, Ttl, t.Address))],
        };
    }
}
