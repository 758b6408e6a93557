using Kobune.Api.Networking.V1;
using Kobune.Ingress.Routing;
using Kobune.Ingress.Upstreams;

namespace Kobune.Ingress.Tests;

/// <summary>Which Ingresses are ours, and where their backends lead.</summary>
public class SelectionAndUpstreamTests
{
    private static readonly IngressOptions Options = new() { Http = [], Https = [] };

    [Theory]
    [InlineData("nginx", null, true)]
    [InlineData("other", null, false)]
    [InlineData("missing", null, false)]
    [InlineData(null, "nginx", true)]
    [InlineData(null, "traefik", false)]
    [InlineData("other", "nginx", true)] // the annotation comes first
    [InlineData(null, null, true)]
    public void An_ingress_is_ours(string? className, string? annotation, bool ours)
    {
        var ingress = Objects.Ingress("a", annotation is null ? [] : ["kubernetes.io/ingress.class=" + annotation]);
        ingress = ingress with { Spec = ingress.Spec with { IngressClassName = className } };
        IngressClass[] classes = [Objects.Class(), Objects.Class("other", "example.com/other")];
        Assert.Equal(ours, IngressSelection.IsOurs(ingress, n => Array.Find(classes, c => c.Metadata.Name == n), Options));
    }

    [Fact]
    public void Without_a_class_is_not_ours_when_switched_off()
    {
        var ingress = Objects.Ingress("a", []);
        Assert.False(IngressSelection.IsOurs(ingress with { Spec = ingress.Spec with { IngressClassName = null } }, _ => null, Options with { WatchWithoutClass = false }));
    }

    [Theory]
    [InlineData("80", 0)]
    [InlineData("", 80)]
    [InlineData("http", 0)]
    public void Endpoints_come_from_the_slices(string name, int number)
    {
        var objects = new Objects();
        objects.Services.Add(Objects.Service("app"));
        objects.Slices.Add(Objects.Slice("app", 8080, "10.244.0.5", "10.244.0.6"));
        var upstream = new UpstreamBuilder(objects).Build(Objects.Namespace, new() { Name = "app", Port = new() { Name = name, Number = number } }, serviceUpstream: false);
        Assert.Equal(["10.244.0.5:8080", "10.244.0.6:8080"], upstream.Endpoints.Select(e => e.Authority));
    }

    [Fact]
    public void Endpoints_that_are_not_ready_take_no_requests()
    {
        var objects = new Objects();
        objects.Services.Add(Objects.Service("app"));
        objects.Slices.Add(Objects.Slice("app", 8080) with { Endpoints = [new() { Addresses = ["10.244.0.5"], Conditions = new() { Ready = false } }, new() { Addresses = ["10.244.0.6"] }] });
        var upstream = new UpstreamBuilder(objects).Build(Objects.Namespace, Objects.Backend("app").Service!, serviceUpstream: false);
        Assert.Equal("10.244.0.6:8080", Assert.Single(upstream.Endpoints).Authority);
    }

    [Fact]
    public void Service_upstream_uses_the_cluster_ip()
    {
        var objects = new Objects();
        objects.Services.Add(Objects.Service("app"));
        Assert.Equal("10.96.0.7:80", Assert.Single(new UpstreamBuilder(objects).Build(Objects.Namespace, Objects.Backend("app").Service!, serviceUpstream: true).Endpoints).Authority);
    }

    [Theory]
    [InlineData("example.com", 1)]
    [InlineData("localhost", 0)]
    [InlineData("127.0.0.1", 0)]
    public void External_names_lead_out_but_not_to_the_node_itself(string name, int endpoints)
    {
        var objects = new Objects();
        objects.Services.Add(Objects.Service("out") with { Spec = new() { Type = "ExternalName", ExternalName = name, Ports = [new() { Port = 80 }] } });
        Assert.Equal(endpoints, new UpstreamBuilder(objects).Build(Objects.Namespace, Objects.Backend("out").Service!, serviceUpstream: false).Endpoints.Count);
    }

    [Fact]
    public void Another_service_answers_while_there_are_no_endpoints()
    {
        var objects = new Objects();
        objects.Services.AddRange([Objects.Service("app"), Objects.Service("sorry")]);
        objects.Slices.Add(Objects.Slice("sorry", 8080, "10.244.0.9"));
        var routes = objects.Route(Objects.Ingress("a", ["default-backend=sorry"], ("x.test", "/", "Prefix", "app")));
        Assert.Equal("shop-sorry-80", routes.Find("x.test").Match("/").Upstream!.Name);
    }

    [Fact]
    public void Aliases_share_the_routes()
    {
        var routes = new Objects().Route(Objects.Ingress("a", ["server-alias=y.test, z.test"], ("x.test", "/", "Prefix", "app")));
        Assert.Same(routes.Find("x.test"), routes.Find("z.test"));
    }
}
