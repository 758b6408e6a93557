using System.Net;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.LoadBalancers;

namespace Kobune.ControllerManager.Tests;

public class LoadBalancerPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly LoadBalancerPlan.TunnelState Route = new(true, null);
    private static readonly AddressPools Range = AddressPools.Parse(["192.168.49.100-192.168.49.101"]);

    [Fact]
    public void The_tunnel_gives_the_cluster_ip_as_a_virtual_address()
    {
        var status = Plan(Service(), Route);
        Assert.Equal("10.96.0.7 VIP", Text(status));
        Assert.Equal(("Tunnel", "True"), (status.Conditions.Single().Reason, status.Conditions.Single().Status));
    }

    [Fact]
    public void Each_family_has_its_address() =>
        Assert.Equal("10.96.0.7 VIP,fd00::7 VIP", Text(Plan(Service() with { Spec = Service().Spec with { ClusterIPs = ["10.96.0.7", "fd00::7"] } }, Route)));

    [Fact]
    public void A_tunnel_that_listens_gives_its_own_address_which_the_proxy_must_not_take() =>
        Assert.Equal("127.0.0.1 Proxy", Text(Plan(Service(), new(true, "127.0.0.1"))));

    [Fact]
    public void When_the_tunnel_ends_the_status_is_cleared()
    {
        var service = Service() with { Status = Plan(Service(), Route) };
        Assert.Equal(new ServiceStatus(), Plan(service, default));
    }

    [Fact]
    public void A_range_goes_before_the_tunnel_and_never_both()
    {
        var tunnelled = Service() with { Status = Plan(Service(), Route) };
        Assert.Equal("192.168.49.100 VIP", Text(Plan(tunnelled, Route, Range)));
        var pooled = Service() with { Status = Plan(Service(), default, Range) };
        Assert.Equal("10.96.0.7 VIP", Text(Plan(pooled, Route)));
        Assert.Equal(pooled.Status, Plan(pooled, Route, Range));
    }

    [Fact]
    public void A_range_gives_no_address_twice_and_says_when_none_is_left()
    {
        Assert.Equal("192.168.49.101 VIP", Text(Plan(Service(), default, Range, "192.168.49.100")));
        var status = Plan(Service(), default, Range, "192.168.49.100", "192.168.49.101");
        Assert.Equal(("", "AllocationFailed", "False"), (Text(status), status.Conditions.Single().Reason, status.Conditions.Single().Status));
    }

    [Fact]
    public void An_address_that_is_asked_for_is_given_or_none()
    {
        var asking = Service() with { Spec = Service().Spec with { LoadBalancerIP = "192.168.49.101" } };
        Assert.Equal("192.168.49.101 VIP", Text(Plan(asking, default, Range)));
        Assert.Equal("", Text(Plan(asking, default, Range, "192.168.49.101")));
    }

    [Theory]
    [InlineData("class")]
    [InlineData("foreign address")]
    [InlineData("no tunnel")]
    [InlineData("another type")]
    public void These_are_left_alone(string which)
    {
        var service = which switch
        {
            "class" => Service() with { Spec = Service().Spec with { LoadBalancerClass = "example.com/own" } },
            "foreign address" => Service() with { Status = new() { LoadBalancer = new() { Ingress = [new() { IP = "203.0.113.9" }] } } },
            "another type" => Service() with { Spec = Service().Spec with { Type = "NodePort" } },
            _ => Service(),
        };
        Assert.Same(service.Status, Plan(service, which == "no tunnel" ? default : Route));
    }

    [Fact]
    public void A_service_that_is_no_load_balancer_any_more_loses_its_address()
    {
        var given = Service() with { Status = Plan(Service(), Route) };
        Assert.Equal(new ServiceStatus(), Plan(given with { Spec = given.Spec with { Type = "ClusterIP" } }, Route));
    }

    [Theory]
    [InlineData("192.168.49.8/30", "192.168.49.8 192.168.49.9 192.168.49.10 192.168.49.11")]
    [InlineData("192.168.49.254-192.168.50.1", "192.168.49.254 192.168.49.255 192.168.50.0 192.168.50.1")]
    [InlineData("192.168.49.7,nonsense", "192.168.49.7")]
    public void Ranges_are_read_as_people_write_them(string text, string expected)
    {
        var pools = AddressPools.Parse(text.Split(','));
        var taken = new HashSet<IPAddress>();
        while (pools.FirstFree(v6: false, taken) is { } next)
        {
            taken.Add(next);
        }

        Assert.Equal(expected, string.Join(' ', taken));
        Assert.Null(pools.FirstFree(v6: true, taken));
    }

    private static ServiceStatus Plan(Service service, LoadBalancerPlan.TunnelState tunnel, AddressPools? pools = null, params string[] taken) =>
        LoadBalancerPlan.Compute(service, tunnel, pools ?? AddressPools.None, taken.Select(IPAddress.Parse).ToHashSet(), Now);

    private static string Text(ServiceStatus status) => string.Join(',', status.LoadBalancer.Ingress.Select(i => $"{i.IP} {i.IPMode}"));

    private static Service Service() => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = "web" },
        Spec = new ServiceSpec { Type = "LoadBalancer", ClusterIP = "10.96.0.7", ClusterIPs = ["10.96.0.7"] },
    };
}
