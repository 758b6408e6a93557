using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Proxy.Nftables;
using Kobune.Proxy.Services;
using static Kobune.Proxy.Tests.Objects;

namespace Kobune.Proxy.Tests;

/// <summary>Real nftables, real packets. Each test has Services of its own in the one lab.</summary>
public class ProxyComponentTests(NetworkLab lab) : IClassFixture<NetworkLab>
{
    [Fact]
    public async Task A_cluster_ip_spreads_over_the_endpoints_for_pods_and_for_the_node()
    {
        Put(Service("web", "10.96.1.1"), "10.244.0.6", "10.244.0.7");
        await lab.RulesAsync("10.96.1.1 . tcp . 80 : goto cluster-tcp-2");
        var answers = await lab.InAsync("client", "for i in $(seq 40); do socat -t5 -u TCP:10.96.1.1:80,connect-timeout=3 STDOUT 2>&1; done");
        Assert.Equal(["b1 10.244.0.5", "b2 10.244.0.5"], answers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal));
        Assert.Matches("^b[12] 10.244.0.1$", (await lab.ConnectAsync("node", "10.96.1.1:80")).Trim());
    }

    [Fact]
    public async Task Another_number_of_endpoints_is_a_change_and_not_a_new_table()
    {
        await lab.RulesAsync("table ip kobune-proxy");
        Assert.Equal("", await lab.InAsync("node", "nft add counter ip kobune-proxy witness"));
        Put(Service("three", "10.96.1.30"), "10.244.0.6", "10.244.0.7", "10.244.0.8");
        await lab.RulesAsync("10.96.1.30 . tcp . 80 : goto cluster-tcp-3");
        await lab.RulesAsync("counter witness");
        Assert.DoesNotContain("nft refused", lab.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_reaches_itself_through_its_service()
    {
        Put(Service("self", "10.96.1.2"), "10.244.0.6");
        await lab.SayAsync("b1", "10.96.1.2:80", "b1 10.244.0.1");
    }

    [Fact]
    public async Task A_node_port_answers_outside_on_the_node_and_on_localhost()
    {
        Put(Service("np", "10.96.1.3", new() { Type = "NodePort" }, Port(80, 30080)), "10.244.0.6");
        await lab.SayAsync("host", "192.0.2.2:30080", "b1 10.244.0.1");
        await lab.SayAsync("node", "192.0.2.2:30080", "b1 10.244.0.1");
        await lab.SayAsync("node", "127.0.0.1:30080", "b1 10.244.0.1");
        await lab.SayAsync("client", "192.0.2.2:30080", "b1 10.244.0.1");
    }

    [Fact]
    public async Task External_policy_Local_keeps_the_senders_address()
    {
        Put(Service("loc", "10.96.1.4", new() { Type = "NodePort", ExternalTrafficPolicy = "Local" }, Port(80, 30081)), "10.244.0.7");
        await lab.SayAsync("host", "192.0.2.2:30081", "b2 192.0.2.1");
        await lab.SayAsync("client", "192.0.2.2:30081", "b2 10.244.0.5");
    }

    [Fact]
    public async Task Without_endpoints_connections_are_refused_at_once()
    {
        Put(Service("none", "10.96.1.5", new() { Type = "NodePort" }, Port(80, 30082)));
        await lab.RulesAsync("10.96.1.5 . tcp . 80 : goto reject-service");
        foreach (var (from, target) in ((string, string)[])[("client", "10.96.1.5:80"), ("node", "10.96.1.5:80"), ("host", "192.0.2.2:30082"), ("client", "10.96.1.5:81"), ("node", "10.96.1.5:81")])
        {
            Assert.Contains("Connection refused", await lab.ConnectAsync(from, target), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Affinity_holds_a_client_and_survives_other_changes()
    {
        Put(Service("sticky", "10.96.1.6", new() { SessionAffinity = "ClientIP" }), "10.244.0.6", "10.244.0.7");
        await lab.RulesAsync("10.96.1.6 . tcp . 80 : goto service-");
        var first = (await lab.ConnectAsync("client", "10.96.1.6:80")).Trim();
        Assert.Matches("^b[12] ", first);
        for (var i = 0; i < 10; i++)
        {
            Put(Service("bystander", "10.96.1.7"), i % 2 == 0 ? "10.244.0.6" : "10.244.0.7");
            Assert.Equal(first, (await lab.ConnectAsync("client", "10.96.1.6:80")).Trim());
        }

        // When its endpoint goes, the client moves on.
        var other = first.StartsWith("b1", StringComparison.Ordinal) ? ("10.244.0.7", "b2 10.244.0.5") : ("10.244.0.6", "b1 10.244.0.5");
        Put(Service("sticky", "10.96.1.6", new() { SessionAffinity = "ClientIP" }), other.Item1);
        await lab.SayAsync("client", "10.96.1.6:80", other.Item2);
    }

    [Fact]
    public async Task A_new_affinity_timeout_takes_effect()
    {
        Put(Service("timed", "10.96.1.12", Sticky(100)), "10.244.0.6");
        await lab.RulesAsync("timeout 1m40s");
        Put(Service("timed", "10.96.1.12", Sticky(200)), "10.244.0.6");
        await lab.RulesAsync("timeout 3m20s");
        await lab.RulesAsync("timeout 1m40s", present: false);
        await lab.SayAsync("client", "10.96.1.12:80", "b1 10.244.0.5");
    }

    [Fact]
    public async Task A_udp_client_that_keeps_its_port_follows_the_endpoints()
    {
        const string Ask = "echo q | socat -t1 -T1 - UDP:10.96.1.8:53,sourceport=7777 2>&1";
        var service = Service("udp", "10.96.1.8", null, Port(53, protocol: "UDP"));
        lab.Api.Put(service);
        lab.Api.Put(Slice("udp", 5353, Ready("10.244.0.6")).Udp());
        await NetworkLab.UntilAsync(() => lab.InAsync("client", Ask), s => s.Trim() == "b1 10.244.0.5", "b1 should answer over UDP");
        lab.Api.Put(Slice("udp", 5353, Ready("10.244.0.7")).Udp());
        await NetworkLab.UntilAsync(() => lab.InAsync("client", Ask), s => s.Trim() == "b2 10.244.0.5", "b2 should answer over UDP, from the same source port");
    }

    [Fact]
    public async Task Source_ranges_guard_the_load_balancer_address()
    {
        var service = Service("lb", "10.96.1.9", new() { Type = "LoadBalancer", LoadBalancerSourceRanges = ["192.0.2.0/24"] });
        Put(service with { Status = new() { LoadBalancer = new() { Ingress = [new() { IP = "198.51.100.9" }] } } }, "10.244.0.6");
        await lab.SayAsync("host", "198.51.100.9:80", "b1 10.244.0.1");
        Assert.DoesNotContain("b1", await lab.ConnectAsync("client", "198.51.100.9:80,connect-timeout=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Source_ranges_guard_a_tunnelled_cluster_ip_against_outsiders_alone()
    {
        var service = Service("tun", "10.96.1.20", new() { Type = "LoadBalancer", LoadBalancerSourceRanges = ["192.0.2.0/24"] });
        service = service with { Status = new() { LoadBalancer = new() { Ingress = [new() { IP = "10.96.1.20", IPMode = "VIP" }] } } };
        Put(service, "10.244.0.6");
        await lab.SayAsync("host", "10.96.1.20:80", "b1 10.244.0.1");
        await lab.SayAsync("client", "10.96.1.20:80", "b1 10.244.0.5");
        Put(service with { Spec = service.Spec with { LoadBalancerSourceRanges = ["198.51.100.0/24"] } }, "10.244.0.6");
        await lab.RulesAsync("198.51.100.0/24");
        Assert.DoesNotContain("b1", await lab.ConnectAsync("host", "10.96.1.20:80,connect-timeout=1"), StringComparison.Ordinal);
        await lab.SayAsync("client", "10.96.1.20:80", "b1 10.244.0.5");
        await lab.SayAsync("node", "10.96.1.20:80", "b1 10.244.0.1");
    }

    [Fact]
    public async Task An_address_from_a_range_is_answered_for_on_the_network_as_long_as_it_is_given()
    {
        var service = Service("ranged", "10.96.1.21", new() { Type = "LoadBalancer" });
        var given = service with { Status = new() { LoadBalancer = new() { Ingress = [new() { IP = "192.0.2.50", IPMode = "VIP" }] }, Conditions = [new() { Type = "kobune.dev/LoadBalancerAddress", Status = "True", Reason = "AddressPool" }] } };
        Put(given, "10.244.0.6");
        await lab.SayAsync("host", "192.0.2.50:80", "b1 10.244.0.1");
        Put(service, "10.244.0.6");
        await NetworkLab.UntilAsync(() => lab.InAsync("node", "ip -4 address show dev v-host"), s => !s.Contains("192.0.2.50", StringComparison.Ordinal), "the address should leave the node");
    }

    [Fact]
    public async Task The_kernel_takes_the_rules_of_the_second_family()
    {
        var service = Service("six", "10.96.1.22", new() { Type = "NodePort", SessionAffinity = "ClientIP", ExternalTrafficPolicy = "Local" }, Port(80, 30090), Port(5060, 30091, "SCTP", "sip"));
        service = service with { Spec = service.Spec with { ClusterIPs = ["fd00:96::1"] } };
        var slice = Slice("six", 8080, Ready("fd00:244::5"), Ready("fd00:244::6", "node-2")) with { AddressType = "IPv6", Ports = [new() { Name = "", Port = 8080, Protocol = "TCP" }, new() { Name = "sip", Port = 5060, Protocol = "SCTP" }] };
        var ruleset = new NftRuleset(NftFamily.V6);
        ruleset.Set("default/six", new ServiceRules(NftFamily.V6, ["fd00:244::/64"], [IPAddress.Parse("fd00:49::2")]).Build(ServiceModels.Build(service, [slice], AddressFamily.InterNetworkV6, new(ThisNode))));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, ruleset.WriteAll(["fd00:244::/64"], localhostNodePorts: false), TestContext.Current.CancellationToken);
        Assert.Equal("", await lab.InAsync("host", $"nft -f {file} 2>&1"));
        Assert.Contains("fd00:96::1 . tcp . 80", await lab.InAsync("host", "nft list table ip6 kobune-proxy"), StringComparison.Ordinal);
        Assert.Equal("", await lab.InAsync("host", "nft delete table ip6 kobune-proxy 2>&1"));
        File.Delete(file);
    }

    [Fact]
    public async Task Connections_made_during_a_hundred_updates_all_succeed()
    {
        Put(Service("busy", "10.96.1.10"), "10.244.0.6", "10.244.0.7");
        await lab.RulesAsync("10.96.1.10 . tcp . 80 : goto cluster-tcp-2");
        var connecting = lab.InAsync("client", "for i in $(seq 300); do socat -t5 -u TCP:10.96.1.10:80,connect-timeout=5 STDOUT 2>&1; done");
        string[][] sets = [["10.244.0.6"], ["10.244.0.7"], ["10.244.0.7", "10.244.0.6"]];
        using var applied = new SemaphoreSlim(0);
        void OnApplied() => applied.Release();
        lab.Proxy.Applied += OnApplied;
        for (var updates = 0; updates < 100 || !connecting.IsCompleted; updates++)
        {
            Put(Service("busy", "10.96.1.10"), sets[updates % 3]);
            Assert.True(await applied.WaitAsync(NetworkLab.Patience), "the update should be applied");
        }

        lab.Proxy.Applied -= OnApplied;

        var answers = (await connecting).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(300, answers.Length);
        Assert.All(answers, a => Assert.Matches("^b[12] 10.244.0.5$", a));
    }

    [Fact]
    public async Task A_deleted_service_leaves_the_table()
    {
        Put(Service("gone", "10.96.1.11"), "10.244.0.6");
        await lab.RulesAsync("10.96.1.11");
        lab.Api.Remove<Service>("default", "gone");
        await lab.RulesAsync("10.96.1.11", present: false);
    }

    [Fact]
    public async Task Rules_that_somebody_flushed_come_back()
    {
        Put(Service("back", "10.96.1.13"), "10.244.0.6");
        await lab.RulesAsync("10.96.1.13");
        Assert.Equal("", await lab.InAsync("node", "nft flush ruleset"));
        await lab.SayAsync("client", "10.96.1.13:80", "b1 10.244.0.5");
    }

    private static ServiceSpec Sticky(int seconds) => new() { SessionAffinity = "ClientIP", SessionAffinityConfig = new() { ClientIP = new() { TimeoutSeconds = seconds } } };

    private void Put(Service service, params string[] endpoints)
    {
        lab.Api.Put(Slice(service.Metadata.Name, 8080, [.. endpoints.Select(e => Ready(e))]));
        lab.Api.Put(service);
    }
}
