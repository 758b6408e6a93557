using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Proxy.Conntrack;
using Kobune.Proxy.Nftables;
using Kobune.Proxy.Services;
using static Kobune.Proxy.Tests.Objects;

namespace Kobune.Proxy.Tests;

/// <summary>Texts for nft, word for word.</summary>
public class NftRulesetTests
{
    private const string Web = "default/web";
    private readonly NftRuleset _ruleset = new(NftFamily.V4);

    [Fact]
    public void A_first_service_brings_its_elements_and_the_chain_for_its_number_of_endpoints()
    {
        _ruleset.WriteAll([], false);
        Set(Service("web", "10.96.1.1"), Slice("web", 8080, Ready("10.244.0.5"), Ready("10.244.1.6", "node-2")));
        Says("""
            add chain ip kobune-proxy cluster-tcp-2
            add rule ip kobune-proxy cluster-tcp-2 meta l4proto tcp dnat to ip daddr . tcp dport . numgen random mod 2 map @tcp-endpoints
            add element ip kobune-proxy cluster-ips { 10.96.1.1 }
            add element ip kobune-proxy hairpin-pairs { 10.244.0.5 . 10.244.0.5 }
            add element ip kobune-proxy tcp-endpoints { 10.96.1.1 . 80 . 0 : 10.244.0.5 . 8080, 10.96.1.1 . 80 . 1 : 10.244.1.6 . 8080 }
            add element ip kobune-proxy service-ips { 10.96.1.1 . tcp . 80 : goto cluster-tcp-2 }
            """);
        Says("");
    }

    [Fact]
    public void A_replaced_endpoint_is_one_element()
    {
        Set(Service("web", "10.96.1.1"), Slice("web", 8080, Ready("10.244.1.5", "node-2"), Ready("10.244.1.6", "node-2")));
        _ruleset.WriteAll([], false);
        Set(Service("web", "10.96.1.1"), Slice("web", 8080, Ready("10.244.1.5", "node-2"), Ready("10.244.1.9", "node-2")));
        Says("""
            delete element ip kobune-proxy tcp-endpoints { 10.96.1.1 . 80 . 1 }
            add element ip kobune-proxy tcp-endpoints { 10.96.1.1 . 80 . 1 : 10.244.1.9 . 8080 }
            """);
    }

    [Fact]
    public void The_last_endpoint_that_goes_turns_the_service_into_a_refusal_and_takes_its_chain_along()
    {
        Set(Service("web", "10.96.1.1"), Slice("web", 8080, Ready("10.244.1.5", "node-2")));
        _ruleset.WriteAll([], false);
        Set(Service("web", "10.96.1.1"), Slice("web", 8080));
        Says("""
            flush chain ip kobune-proxy cluster-tcp-1
            delete element ip kobune-proxy tcp-endpoints { 10.96.1.1 . 80 . 0 }
            delete element ip kobune-proxy service-ips { 10.96.1.1 . tcp . 80 }
            add element ip kobune-proxy no-endpoint-services { 10.96.1.1 . tcp . 80 : goto reject-service }
            delete chain ip kobune-proxy cluster-tcp-1
            """);
    }

    [Fact]
    public void A_deleted_service_leaves_nothing()
    {
        Set(Service("other", "10.96.1.2"), Slice("other", 8080, Ready("10.244.0.5")));
        _ruleset.WriteAll([], false);
        Set(Service("web", "10.96.1.1"), Slice("web", 8080, Ready("10.244.0.5")));
        _ruleset.WriteChanges();
        _ruleset.Set(Web, NftFragment.Empty);
        Says("""
            delete element ip kobune-proxy cluster-ips { 10.96.1.1 }
            delete element ip kobune-proxy tcp-endpoints { 10.96.1.1 . 80 . 0 }
            delete element ip kobune-proxy service-ips { 10.96.1.1 . tcp . 80 }
            """); // chain and hairpin pair are still the other Service's
    }

    [Fact]
    public void Node_ports_and_external_addresses_are_masqueraded()
    {
        _ruleset.WriteAll([], false);
        var service = Service("web", "10.96.1.1", new() { Type = "LoadBalancer", ExternalIPs = ["192.0.2.7"], LoadBalancerSourceRanges = ["198.51.100.0/24"] }, Port(80, 30080));
        Set(service with { Status = new() { LoadBalancer = new() { Ingress = [new() { IP = "192.0.2.8" }, new() { IP = "192.0.2.9", IPMode = "Proxy" }, new() { Hostname = "lb.example" }] } } }, Slice("web", 8080, Ready("10.244.1.5", "node-2")));
        Says("""
            add chain ip kobune-proxy cluster-tcp-1
            add chain ip kobune-proxy external-cluster-tcp-1
            add chain ip kobune-proxy firewall-HASH-default/web/tcp/
            add rule ip kobune-proxy cluster-tcp-1 meta l4proto tcp dnat to ip daddr . tcp dport . numgen random mod 1 map @tcp-endpoints
            add rule ip kobune-proxy external-cluster-tcp-1 meta mark set meta mark or 0x4000
            add rule ip kobune-proxy external-cluster-tcp-1 goto cluster-tcp-1
            add rule ip kobune-proxy firewall-HASH-default/web/tcp/ ip saddr != { 198.51.100.0/24 } drop
            add rule ip kobune-proxy firewall-HASH-default/web/tcp/ goto external-cluster-tcp-1
            add element ip kobune-proxy cluster-ips { 10.96.1.1 }
            add element ip kobune-proxy tcp-endpoints { 10.96.1.1 . 80 . 0 : 10.244.1.5 . 8080, 192.0.2.7 . 80 . 0 : 10.244.1.5 . 8080, 192.0.2.8 . 80 . 0 : 10.244.1.5 . 8080, 192.168.49.2 . 30080 . 0 : 10.244.1.5 . 8080 }
            add element ip kobune-proxy service-ips { 10.96.1.1 . tcp . 80 : goto cluster-tcp-1, 192.0.2.7 . tcp . 80 : goto external-cluster-tcp-1, 192.0.2.8 . tcp . 80 : goto firewall-HASH-default/web/tcp/, 192.168.49.2 . tcp . 30080 : goto external-cluster-tcp-1 }
            """);
    }

    [Fact]
    public void A_tunnel_that_gives_the_cluster_ip_changes_no_rule_and_source_ranges_guard_it()
    {
        _ruleset.WriteAll([], false);
        var plain = Service("web", "10.96.1.1", new() { Type = "LoadBalancer" });
        var slice = Slice("web", 8080, Ready("10.244.1.5", "node-2"));
        Set(plain, slice);
        Read();
        Set(Tunnelled(plain), slice);
        Says("");
        Set(Tunnelled(plain with { Spec = plain.Spec with { LoadBalancerSourceRanges = ["192.168.49.1/32"] } }), slice);
        Says("""
            delete element ip kobune-proxy service-ips { 10.96.1.1 . tcp . 80 }
            add chain ip kobune-proxy guard-HASH-default/web/tcp/
            add rule ip kobune-proxy guard-HASH-default/web/tcp/ ip saddr != { 10.244.0.0/16 } fib saddr type != local ip saddr != { 192.168.49.1/32 } drop
            add rule ip kobune-proxy guard-HASH-default/web/tcp/ goto cluster-tcp-1
            add element ip kobune-proxy service-ips { 10.96.1.1 . tcp . 80 : goto guard-HASH-default/web/tcp/ }
            """);
    }

    [Fact]
    public void Sctp_is_a_protocol_like_the_others_and_its_conntrack_entries_are_flushed()
    {
        _ruleset.WriteAll([], false);
        var service = Service("sip", "10.96.1.1", new() { Type = "NodePort" }, Port(5060, 30060, "SCTP"));
        var slice = Slice("sip", 5060, Ready("10.244.1.5", "node-2"));
        slice = slice with { Ports = [slice.Ports[0] with { Protocol = "SCTP" }] };
        Set(service, slice);
        Says("""
            add chain ip kobune-proxy cluster-sctp-1
            add chain ip kobune-proxy external-cluster-sctp-1
            add rule ip kobune-proxy cluster-sctp-1 meta l4proto sctp dnat to ip daddr . sctp dport . numgen random mod 1 map @sctp-endpoints
            add rule ip kobune-proxy external-cluster-sctp-1 meta mark set meta mark or 0x4000
            add rule ip kobune-proxy external-cluster-sctp-1 goto cluster-sctp-1
            add element ip kobune-proxy cluster-ips { 10.96.1.1 }
            add element ip kobune-proxy sctp-endpoints { 10.96.1.1 . 5060 . 0 : 10.244.1.5 . 5060, 192.168.49.2 . 30060 . 0 : 10.244.1.5 . 5060 }
            add element ip kobune-proxy service-ips { 10.96.1.1 . sctp . 5060 : goto cluster-sctp-1, 192.168.49.2 . sctp . 30060 : goto external-cluster-sctp-1 }
            """);
        Assert.Contains("conntrack -D -f ipv4 -p sctp --orig-dst 10.96.1.1 --orig-port-dst 5060 --dst-nat 10.244.1.5", Calls(Build(service, slice).Flows, Build(service).Flows));
    }

    [Fact]
    public void The_second_family_of_a_dual_stack_service_has_rules_of_its_own()
    {
        var service = Service("web", "10.96.1.1") with { };
        service = service with { Spec = service.Spec with { ClusterIPs = ["10.96.1.1", "fd00:96::1"], IPFamilies = ["IPv4", "IPv6"] } };
        var slice = Slice("web", 8080, Ready("fd00:244::5")) with { AddressType = "IPv6" };
        var ruleset = new NftRuleset(NftFamily.V6);
        ruleset.WriteAll([], false);
        ruleset.Set("default/web", new ServiceRules(NftFamily.V6, [], []).Build(ServiceModels.Build(service, [slice, Slice("web", 8080, Ready("10.244.0.5"))], AddressFamily.InterNetworkV6, new(ThisNode))));
        Assert.Equal(
            """
            add chain ip6 kobune-proxy cluster-tcp-1
            add rule ip6 kobune-proxy cluster-tcp-1 meta l4proto tcp dnat to ip6 daddr . tcp dport . numgen random mod 1 map @tcp-endpoints
            add element ip6 kobune-proxy cluster-ips { fd00:96::1 }
            add element ip6 kobune-proxy hairpin-pairs { fd00:244::5 . fd00:244::5 }
            add element ip6 kobune-proxy service-ips { fd00:96::1 . tcp . 80 : goto cluster-tcp-1 }
            add element ip6 kobune-proxy tcp-endpoints { fd00:96::1 . 80 . 0 : fd00:244::5 . 8080 }

            """,
            ruleset.WriteChanges());
    }

    [Theory]
    [InlineData("10.0.0.0/8, 10.1.0.0/16,192.0.2.9/24", "10.0.0.0/8 192.0.2.0/24")]
    [InlineData("10.1.0.0/16,0.0.0.0/0", "")]
    [InlineData("fd00::/8,nonsense,10.1.2.3/33", "")]
    public void Source_ranges_never_overlap(string given, string expected) =>
        Assert.Equal(expected, string.Join(' ', SourceRanges.Of(given.Split(','), AddressFamily.InterNetwork)));

    [Fact]
    public void External_policy_Local_keeps_the_source_and_drops_when_the_node_has_no_endpoint()
    {
        _ruleset.WriteAll([], false);
        var service = Service("web", "10.96.1.1", new() { Type = "NodePort", ExternalTrafficPolicy = "Local" }, Port(80, 30080));
        Set(service, Slice("web", 8080, Ready("10.244.1.5", "node-2"), Ready("10.244.0.6")));
        var text = Read();
        Assert.Contains("add rule ip kobune-proxy external-cluster-tcp-2-local-tcp-1 ip saddr { 10.244.0.0/16 } goto cluster-tcp-2\n", text, StringComparison.Ordinal);
        Assert.Contains("add rule ip kobune-proxy external-cluster-tcp-2-local-tcp-1 fib saddr type local meta mark set meta mark or 0x4000 goto cluster-tcp-2\n", text, StringComparison.Ordinal);
        Assert.Contains("add rule ip kobune-proxy external-cluster-tcp-2-local-tcp-1 goto local-tcp-1\n", text, StringComparison.Ordinal);
        Assert.Contains("add element ip kobune-proxy local-tcp-endpoints { 192.168.49.2 . 30080 . 0 : 10.244.0.6 . 8080 }\n", text, StringComparison.Ordinal);
        Set(service, Slice("web", 8080, Ready("10.244.1.5", "node-2")));
        text = Read();
        Assert.Contains("add rule ip kobune-proxy external-cluster-tcp-1-none drop\n", text, StringComparison.Ordinal);
        Assert.Contains("delete chain ip kobune-proxy local-tcp-1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Internal_policy_Local_drops_when_all_endpoints_are_elsewhere()
    {
        _ruleset.WriteAll([], false);
        Set(Service("web", "10.96.1.1", new() { InternalTrafficPolicy = "Local" }), Slice("web", 8080, Ready("10.244.1.5", "node-2")));
        Assert.Contains("no-endpoint-services { 10.96.1.1 . tcp . 80 : drop }", Read(), StringComparison.Ordinal);
        Set(Service("web", "10.96.1.1", new() { InternalTrafficPolicy = "Local" }), Slice("web", 8080, Ready("10.244.1.5", "node-2"), Ready("10.244.0.6")));
        Assert.Contains("tcp-endpoints { 10.96.1.1 . 80 . 0 : 10.244.0.6 . 8080 }", Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Affinity_has_a_set_and_a_chain_for_each_endpoint()
    {
        _ruleset.WriteAll([], false);
        Set(Affine(60), Slice("web", 8080, Ready("10.244.1.5", "node-2"), Ready("10.244.1.6", "node-2")));
        Says("""
            add set ip kobune-proxy affinity-HASH-default/web/tcp/__10.244.1.5/8080 { type ipv4_addr; flags dynamic,timeout; timeout 60s; }
            add set ip kobune-proxy affinity-HASH-default/web/tcp/__10.244.1.6/8080 { type ipv4_addr; flags dynamic,timeout; timeout 60s; }
            add chain ip kobune-proxy endpoint-HASH-default/web/tcp/__10.244.1.5/8080
            add chain ip kobune-proxy endpoint-HASH-default/web/tcp/__10.244.1.6/8080
            add chain ip kobune-proxy service-HASH-default/web/tcp/
            add rule ip kobune-proxy endpoint-HASH-default/web/tcp/__10.244.1.5/8080 update @affinity-HASH-default/web/tcp/__10.244.1.5/8080 { ip saddr }
            add rule ip kobune-proxy endpoint-HASH-default/web/tcp/__10.244.1.5/8080 meta l4proto tcp dnat to 10.244.1.5:8080
            add rule ip kobune-proxy endpoint-HASH-default/web/tcp/__10.244.1.6/8080 update @affinity-HASH-default/web/tcp/__10.244.1.6/8080 { ip saddr }
            add rule ip kobune-proxy endpoint-HASH-default/web/tcp/__10.244.1.6/8080 meta l4proto tcp dnat to 10.244.1.6:8080
            add rule ip kobune-proxy service-HASH-default/web/tcp/ ip saddr @affinity-HASH-default/web/tcp/__10.244.1.5/8080 goto endpoint-HASH-default/web/tcp/__10.244.1.5/8080
            add rule ip kobune-proxy service-HASH-default/web/tcp/ ip saddr @affinity-HASH-default/web/tcp/__10.244.1.6/8080 goto endpoint-HASH-default/web/tcp/__10.244.1.6/8080
            add rule ip kobune-proxy service-HASH-default/web/tcp/ numgen random mod 2 vmap { 0 : goto endpoint-HASH-default/web/tcp/__10.244.1.5/8080, 1 : goto endpoint-HASH-default/web/tcp/__10.244.1.6/8080 }
            add element ip kobune-proxy cluster-ips { 10.96.1.1 }
            add element ip kobune-proxy service-ips { 10.96.1.1 . tcp . 80 : goto service-HASH-default/web/tcp/ }
            """);
    }

    [Fact]
    public void Two_services_with_one_address_and_port_do_not_fight()
    {
        var first = Service("a", "10.96.1.1", new() { ExternalIPs = ["192.0.2.7"] });
        var second = Service("b", "10.96.1.2", new() { ExternalIPs = ["192.0.2.7"] });
        Set(second, Slice("b", 8080, Ready("10.244.0.6")));
        Set(first, Slice("a", 8080, Ready("10.244.0.5")));
        Assert.Contains("192.0.2.7 . 80 . 0 : 10.244.0.5 . 8080", _ruleset.WriteAll([], false), StringComparison.Ordinal);
        _ruleset.Set("default/a", NftFragment.Empty);
        Assert.Contains("192.0.2.7 . 80 . 0 : 10.244.0.6 . 8080", Read(), StringComparison.Ordinal);
    }

    public static TheoryData<string> Unproxied => ["headless", "external name", "another proxy's", "no address yet"];

    [Theory, MemberData(nameof(Unproxied))]
    public void These_services_have_no_rules(string which)
    {
        var service = which switch
        {
            "headless" => Service("web", "None"),
            "no address yet" => Service("web", ""),
            "external name" => Service("web", "10.96.1.1", new() { Type = "ExternalName" }),
            _ => Service("web", "10.96.1.1") is var s ? s with { Metadata = s.Metadata with { Labels = new Dictionary<string, string> { ["service.kubernetes.io/service-proxy-name"] = "x" } } } : null!,
        };
        Assert.Empty(ServiceModels.Build(service, [], AddressFamily.InterNetwork, new(ThisNode)));
    }

    [Fact]
    public void Conntrack_forgets_udp_endpoints_that_go_and_frontends_that_first_get_one()
    {
        var service = Service("dns", "10.96.0.10", null, Port(53, protocol: "UDP"));
        var none = Build(service, Slice("dns", 53).Udp()).Flows;
        var one = Build(service, Slice("dns", 53, Ready("10.244.0.5")).Udp()).Flows;
        var other = Build(service, Slice("dns", 53, Ready("10.244.0.6")).Udp()).Flows;
        Assert.Equal(["conntrack -D -f ipv4 -p udp --orig-dst 10.96.0.10 --orig-port-dst 53"], Calls(none, one));
        Assert.Equal(["conntrack -D -f ipv4 -p udp --orig-dst 10.96.0.10 --orig-port-dst 53 --dst-nat 10.244.0.5"], Calls(one, other));
        Assert.Equal(["conntrack -D -f ipv4 -p udp --orig-dst 10.96.0.10 --orig-port-dst 53 --dst-nat 10.244.0.5"], Calls(one, none));
        Assert.Empty(Calls(one, one));
        Assert.Empty(Build(Service("web", "10.96.1.1"), Slice("web", 80, Ready("10.244.0.5"))).Flows);
    }

    private static IEnumerable<string> Calls(HashSet<Flow> before, HashSet<Flow> now) => ConntrackPlan.Compute(before, now).Select(c => string.Join(' ', c));

    private static Service Tunnelled(Service service) => service with { Status = new() { LoadBalancer = new() { Ingress = [new() { IP = service.Spec.ClusterIP, IPMode = "VIP" }] } } };

    private static Service Affine(int seconds) => Service("web", "10.96.1.1", new() { SessionAffinity = "ClientIP", SessionAffinityConfig = new() { ClientIP = new() { TimeoutSeconds = seconds } } });

    private static NftFragment Build(Service service, params EndpointSlice[] slices) =>
        new ServiceRules(NftFamily.V4, ["10.244.0.0/16"], [IPAddress.Parse("192.168.49.2")]).Build(ServiceModels.Build(service, slices, AddressFamily.InterNetwork, new(ThisNode)));

    private void Set(Service service, params EndpointSlice[] slices) => _ruleset.Set(service.Metadata.Namespace + "/" + service.Metadata.Name, Build(service, slices));

    private string Read() => System.Text.RegularExpressions.Regex.Replace(_ruleset.WriteChanges(), "-[0-9a-f]{10}-", "-HASH-");

    private void Says(string expected)
    {
        var lines = Read().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Sorted(expected.Split('\n', StringSplitOptions.RemoveEmptyEntries)), Sorted(lines));

        // Within the hash's order the chains of affinity may stand in any order; what kinds of lines follow each other may not.
        static IEnumerable<string> Sorted(string[] lines) => lines.GroupBy(l => string.Join(' ', l.Split(' ').Take(2))).SelectMany(g => g.Order(StringComparer.Ordinal));
    }
}
