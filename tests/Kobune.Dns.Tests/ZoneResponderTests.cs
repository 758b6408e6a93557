using System.Net;
using Kobune.Dns.Wire;
using Kobune.Dns.Zones;

namespace Kobune.Dns.Tests;

public class ZoneResponderTests
{
    private const string None = "none of ours";

    /// <summary>Question, type, and what comes: the data of the records sorted, or NXDOMAIN, NODATA, none of ours.</summary>
    [Theory]
    [InlineData("web.default.svc.cluster.local", "A", "10.96.1.1")]
    [InlineData("WEB.Default.SVC.cluster.LOCAL", "A", "10.96.1.1")]
    [InlineData("web.default.svc.cluster.local", "AAAA", "NODATA")]
    [InlineData("web.default.svc.cluster.local", "MX", "NODATA")]
    [InlineData("web.default.svc.cluster.local", "ANY", "NODATA")]
    [InlineData("dual.default.svc.cluster.local", "A", "10.96.1.2")]
    [InlineData("dual.default.svc.cluster.local", "AAAA", "fd00::2")]
    [InlineData("nope.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("web.nope.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("web.kube-system.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("default.svc.cluster.local", "A", "NODATA")]
    [InlineData("nope.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("svc.cluster.local", "A", "NODATA")]
    [InlineData("pod.cluster.local", "A", "NODATA")]
    [InlineData("cluster.local", "A", "NODATA")]
    [InlineData("other.cluster.local", "A", "NXDOMAIN")]
    [InlineData("a.b.c.d.e.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("example.com.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("example.com", "A", None)]
    [InlineData("xcluster.local", "A", None)]
    [InlineData("local", "A", None)]
    [InlineData("_http._tcp.web.default.svc.cluster.local", "SRV", "0 100 80 web.default.svc.cluster.local.")]
    [InlineData("_http._tcp.web.default.svc.cluster.local", "A", "10.96.1.1")]
    [InlineData("_http._udp.web.default.svc.cluster.local", "SRV", "NXDOMAIN")]
    [InlineData("_nope._tcp.web.default.svc.cluster.local", "SRV", "NXDOMAIN")]
    [InlineData("_tcp.web.default.svc.cluster.local", "A", "NODATA")]
    [InlineData("_udp.web.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("_tcp.db.default.svc.cluster.local", "SRV", "NODATA")]
    [InlineData("_tcp.empty.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("_tcp.unnamed.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("_http._tcp.unnamed.default.svc.cluster.local", "SRV", "NXDOMAIN")]
    [InlineData("_._tcp.unnamed.default.svc.cluster.local", "SRV", "NXDOMAIN")]
    [InlineData("__http._tcp.web.default.svc.cluster.local", "SRV", "NXDOMAIN")]
    [InlineData("_HTTP._TCP.Web.default.svc.cluster.local", "SRV", "0 100 80 web.default.svc.cluster.local.")]
    [InlineData("_http._tcp.dual.default.svc.cluster.local", "SRV", "0 100 80 dual.default.svc.cluster.local.")]
    [InlineData("_http._tcp.empty.default.svc.cluster.local", "SRV", "NXDOMAIN")]
    [InlineData("fd00-10--8.db.default.svc.cluster.local", "AAAA", "fd00:10::8")]
    [InlineData("fd00-10--8.db.default.svc.cluster.local", "A", "NODATA")]
    [InlineData("db-0.db.default.svc.cluster.local", "AAAA", "NODATA")]
    [InlineData("DB-0.db.default.svc.cluster.local", "A", "10.244.0.6")]
    [InlineData("x.db-0.db.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("twins.default.svc.cluster.local", "A", "10.244.0.11,10.244.0.12")]
    [InlineData("twin.twins.default.svc.cluster.local", "A", "10.244.0.11,10.244.0.12")]
    [InlineData("_a._tcp.twins.default.svc.cluster.local", "SRV", "0 100 1 twin.twins.default.svc.cluster.local.")]
    [InlineData("_b._udp.twins.default.svc.cluster.local", "SRV", "0 100 2 twin.twins.default.svc.cluster.local.")]
    [InlineData("11.0.244.10.in-addr.arpa", "PTR", "twin.twins.default.svc.cluster.local.")]
    [InlineData("ns.dns.cluster.local", "A", "10.96.0.10")]
    [InlineData("ns.dns.cluster.local", "AAAA", "NODATA")]
    [InlineData("dns.cluster.local", "A", "NODATA")]
    [InlineData("x.dns-version.cluster.local", "TXT", "NXDOMAIN")]
    [InlineData("DNS-Version.cluster.local", "TXT", "1.1.0")]
    [InlineData("cluster.local", "SOA", "SOA")]
    [InlineData("x.1-2-3-4.default.pod.cluster.local", "A", "NXDOMAIN")]
    [InlineData("web.default.svc.cluster.local", "SRV", "0 50 80 web.default.svc.cluster.local.,0 50 9090 web.default.svc.cluster.local.")]
    [InlineData("_http._tcp.db.default.svc.cluster.local", "SRV", "0 33 80 db-0.db.default.svc.cluster.local.,0 33 80 db-1.db.default.svc.cluster.local.,0 33 80 fd00-10--8.db.default.svc.cluster.local.")]
    [InlineData("db.default.svc.cluster.local", "A", "10.244.0.6,10.244.0.7")]
    [InlineData("db.default.svc.cluster.local", "AAAA", "fd00:10::8")]
    [InlineData("db-1.db.default.svc.cluster.local", "A", "10.244.0.7")]
    [InlineData("db-2.db.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("10-244-0-5.web.default.svc.cluster.local", "A", "10.244.0.5")]
    [InlineData("empty.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("portless.default.svc.cluster.local", "A", "10.244.0.9")]
    [InlineData("portless.default.svc.cluster.local", "SRV", "NODATA")]
    [InlineData("out.default.svc.cluster.local", "A", "example.com.")]
    [InlineData("out.default.svc.cluster.local", "CNAME", "example.com.")]
    [InlineData("out.default.svc.cluster.local", "TXT", "example.com.")]
    [InlineData("out.default.svc.cluster.local", "SRV", "example.com.")]
    [InlineData("out.default.svc.cluster.local", "ANY", "NODATA")]
    [InlineData("address.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("_http._tcp.out.default.svc.cluster.local", "SRV", "NXDOMAIN")]
    [InlineData("x.out.default.svc.cluster.local", "A", "NXDOMAIN")]
    [InlineData("1-2-3-4.default.pod.cluster.local", "A", "1.2.3.4")]
    [InlineData("1-2-3-4.default.pod.cluster.local", "AAAA", "NODATA")]
    [InlineData("1-2-3-4.nope.pod.cluster.local", "A", "NXDOMAIN")]
    [InlineData("fd00--5.default.pod.cluster.local", "AAAA", "fd00::5")]
    [InlineData("1-2-3-400.default.pod.cluster.local", "A", "NXDOMAIN")]
    [InlineData("web.default.pod.cluster.local", "A", "NXDOMAIN")]
    [InlineData("default.pod.cluster.local", "A", "NODATA")]
    [InlineData("dns-version.cluster.local", "TXT", "1.1.0")]
    [InlineData("dns-version.cluster.local", "A", "NODATA")]
    [InlineData("1.1.96.10.in-addr.arpa", "PTR", "web.default.svc.cluster.local.")]
    [InlineData("1.1.96.10.in-addr.arpa", "A", "NODATA")]
    [InlineData("6.0.244.10.in-addr.arpa", "PTR", "db-0.db.default.svc.cluster.local.")]
    [InlineData("5.0.244.10.in-addr.arpa", "PTR", None)]
    [InlineData("8.8.8.8.in-addr.arpa", "PTR", None)]
    [InlineData("0.244.10.in-addr.arpa", "PTR", None)]
    [InlineData("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "PTR", "dual.default.svc.cluster.local.")]
    [InlineData("cluster.local", "NS", "kube-dns.kube-system.svc.cluster.local.")]
    [InlineData("_dns._udp.kube-dns.kube-system.svc.cluster.local", "SRV", "0 100 53 kube-dns.kube-system.svc.cluster.local.")]
    public void Answers(string name, string type, string expected)
    {
        var answer = new ZoneResponder(Zones.Filled(), "cluster.local", ZoneSettings.Default).Answer(new(DnsName.Parse(name), Enum.Parse<DnsType>(type)));
        Assert.Equal(expected, Describe(answer));
        if (answer is { Answers.Count: 0 })
        {
            Assert.Equal("cluster.local.", Assert.Single(answer.Authorities).Name.ToString());
            Assert.IsType<SoaData>(answer.Authorities[0].Data);
        }

        Assert.All(answer?.Answers ?? [], r => Assert.Equal(5u, r.Ttl));
    }

    [Fact]
    public void Settings_say_how_long_records_live_and_whether_pods_have_some()
    {
        var responder = new ZoneResponder(Zones.Filled(), "cluster.local", new() { Ttl = 30, Pods = PodRecords.Disabled });
        Assert.Equal(30u, responder.Answer(new(DnsName.Parse("web.default.svc.cluster.local"), DnsType.A))!.Answers[0].Ttl);
        Assert.Equal("NXDOMAIN", Describe(responder.Answer(new(DnsName.Parse("1-2-3-4.default.pod.cluster.local"), DnsType.A))));
    }

    [Fact]
    public void Without_a_Service_of_its_own_the_server_has_no_address() =>
        Assert.Equal("NXDOMAIN", Describe(Ask(new ClusterZone(), "ns.dns.cluster.local", DnsType.A)));

    [Fact]
    public void SRV_brings_the_addresses_along()
    {
        var answer = Ask(Zones.Filled(), "_http._tcp.db.default.svc.cluster.local", DnsType.SRV)!;
        Assert.Equal(["10.244.0.6", "10.244.0.7", "fd00:10::8"], answer.Additionals.Select(r => ((AddressData)r.Data).Address.ToString()));
    }

    [Fact]
    public void Addresses_take_turns()
    {
        var responder = new ZoneResponder(Zones.Filled(), "cluster.local", ZoneSettings.Default);
        var question = new DnsQuestion(DnsName.Parse("db.default.svc.cluster.local"), DnsType.A);
        var first = Enumerable.Range(0, 2).Select(_ => ((AddressData)responder.Answer(question)!.Answers[0].Data).Address.ToString());
        Assert.Equal(["10.244.0.6", "10.244.0.7"], first.Order());
    }

    [Fact]
    public void Removed_and_changed_services_leave_nothing_behind()
    {
        var zone = Zones.Filled();
        zone.Remove("default", "db");
        Assert.Equal("NXDOMAIN", Describe(Ask(zone, "db.default.svc.cluster.local", DnsType.A)));
        Assert.Equal(None, Describe(Ask(zone, "6.0.244.10.in-addr.arpa", DnsType.PTR)));
        zone.Set(new("default", "web") { ClusterIPs = [IPAddress.Parse("10.96.1.9")], Ports = [new("", "tcp", 80)] });
        Assert.Equal("10.96.1.9", Describe(Ask(zone, "web.default.svc.cluster.local", DnsType.A)));
        Assert.Equal(None, Describe(Ask(zone, "1.1.96.10.in-addr.arpa", DnsType.PTR)));
        zone.RemoveNamespace("default");
        Assert.Equal("NXDOMAIN", Describe(Ask(zone, "default.svc.cluster.local", DnsType.A)));
    }

    [Fact]
    public void An_address_that_another_service_took_over_stays_with_it()
    {
        var zone = Zones.Filled();
        zone.Set(new("default", "heir") { ClusterIPs = [IPAddress.Parse("10.96.1.1")], Ports = [new("", "tcp", 80)] });
        zone.Remove("default", "web");
        Assert.Equal("heir.default.svc.cluster.local.", Describe(Ask(zone, "1.1.96.10.in-addr.arpa", DnsType.PTR)));
    }

    private static ZoneAnswer? Ask(ClusterZone zone, string name, DnsType type) => new ZoneResponder(zone, "cluster.local", ZoneSettings.Default).Answer(new(DnsName.Parse(name), type));

    private static string Describe(ZoneAnswer? answer) =>
        answer is null ? None
        : answer.Rcode == DnsRcode.NXDomain ? "NXDOMAIN"
        : answer.Answers.Count == 0 ? "NODATA"
        : string.Join(",", answer.Answers.Select(r => Describe(r.Data)).Order(StringComparer.Ordinal));

    private static string Describe(DnsData data) => data switch
    {
        AddressData a => a.Address.ToString(),
        NameData n => n.Target.ToString(),
        SrvData s => $"{s.Priority} {s.Weight} {s.Port} {s.Target}",
        SoaData => "SOA",
        RawData r => System.Text.Encoding.ASCII.GetString(r.Bytes.Span[1..]),
        _ => data.ToString(),
    };

    [Theory]
    [InlineData("10-244-0-5.default.pod.cluster.local", "NoError")]
    [InlineData("10-244-0-5.kube-system.pod.cluster.local", "NXDomain")]
    [InlineData("10-244-0-6.default.pod.cluster.local", "NXDomain")]
    public void Verified_pods_are_those_that_there_are(string name, string rcode)
    {
        var zone = Zones.Filled();
        var responder = new ZoneResponder(zone, "cluster.local", ZoneSettings.Default with { Pods = PodRecords.Verified });
        Assert.Equal(DnsRcode.ServFail, responder.Answer(new(DnsName.Parse(name), DnsType.A))!.Rcode); // not known yet
        zone.HasPod = (ns, address) => ns == "default" && address.ToString() == "10.244.0.5";
        Assert.Equal(rcode, responder.Answer(new(DnsName.Parse(name), DnsType.A))!.Rcode.ToString());
    }

    [Theory]
    [InlineData("db-abc.db.default.svc.cluster.local", "10.244.0.20")]
    [InlineData("10-244-0-20.db.default.svc.cluster.local", "")]
    [InlineData("db-0.db.default.svc.cluster.local", "10.244.0.21")] // a hostname goes before
    public void Endpoints_may_have_the_names_of_their_pods(string name, string address)
    {
        var zone = Zones.Filled();
        ZonePort port = new("http", "tcp", 80);
        zone.Set(new("default", "db") { Headless = true, Ports = [port], Endpoints = [Zones.Endpoint("10.244.0.20", null, port) with { PodName = "db-abc" }, Zones.Endpoint("10.244.0.21", "db-0", port) with { PodName = "other" }] });
        var answer = new ZoneResponder(zone, "cluster.local", ZoneSettings.Default with { EndpointPodNames = true }).Answer(new(DnsName.Parse(name), DnsType.A))!;
        Assert.Equal(address, string.Join(',', answer.Answers.Select(r => ((AddressData)r.Data).Address)));
    }
}
