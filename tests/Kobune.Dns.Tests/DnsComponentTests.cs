using System.Net;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Dns.Wire;
using Kobune.Dns.Zones;
using Kobune.Tests.Collections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Dns.Tests;

/// <summary>API objects in, names out.</summary>
public class DnsComponentTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Names_follow_the_objects()
    {
        using var stop = new CancellationTokenSource();
        var api = new CollectionTransport();
        api.Put(new Namespace { Metadata = new() { Name = "shop" } });
        api.Put(Service("db", "None"));
        api.Put(Slice("db-1", "db", ("10.244.0.5", "db-0", true), ("10.244.0.6", null, false)));
        var informers = new InformerFactory(new KubernetesClient(api, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var component = new DnsComponent(new() { Listen = [new(IPAddress.Loopback, 0)] }, informers, TimeProvider.System, NullLoggerFactory.Instance);
        Task[] running = [informers.RunAsync(stop.Token), component.RunAsync(stop.Token)];
        var server = await component.Listening.WaitAsync(Patience);

        await SeeAsync(server, "db.shop.svc.cluster.local", "10.244.0.5");
        await SeeAsync(server, "db-0.db.shop.svc.cluster.local", "10.244.0.5");
        api.Put(Slice("db-2", "db", ("10.244.0.7", null, true)));
        await SeeAsync(server, "db.shop.svc.cluster.local", "10.244.0.5,10.244.0.7");
        api.Remove<EndpointSlice>("shop", "db-1");
        await SeeAsync(server, "db.shop.svc.cluster.local", "10.244.0.7");
        api.Put(Service("web", "10.96.3.4"));
        await SeeAsync(server, "web.shop.svc.cluster.local", "10.96.3.4");
        api.Remove<Service>("shop", "web");
        await SeeAsync(server, "web.shop.svc.cluster.local", "");
        api.Remove<Namespace>("", "shop"); // its objects may be seen to go later
        await SeeAsync(server, "db.shop.svc.cluster.local", "");

        await stop.CancelAsync();
        await DnsServerTests.EndAsync(running[1]);
        await running[0].WaitAsync(Patience);
    }

    [Fact]
    public async Task Pods_are_followed_when_their_names_are_to_be_verified()
    {
        using var stop = new CancellationTokenSource();
        var api = new CollectionTransport();
        api.Put(new Namespace { Metadata = new() { Name = "shop" } });
        api.Put(new ConfigMap { Metadata = new() { Namespace = "kube-system", Name = "coredns" }, Data = new Dictionary<string, string> { ["Corefile"] = ".:53 {\n kubernetes cluster.local {\n pods verified\n }\n}" } });
        api.Put(new Pod { Metadata = new() { Namespace = "shop", Name = "a" }, Status = new() { PodIPs = [new() { IP = "10.244.0.5" }] } });
        var informers = new InformerFactory(new KubernetesClient(api, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var component = new DnsComponent(new() { Listen = [new(IPAddress.Loopback, 0)], ConfigMap = new("kube-system", "coredns") }, informers, TimeProvider.System, NullLoggerFactory.Instance);
        Task[] running = [informers.RunAsync(stop.Token), component.RunAsync(stop.Token)];
        var server = await component.Listening.WaitAsync(Patience);
        var verified = ZoneSettings.Default with { Pods = PodRecords.Verified };
        await SeeAsync(server, "10-244-0-5.shop.pod.cluster.local", "10.244.0.5", verified);
        api.Remove<Pod>("shop", "a");
        await SeeAsync(server, "10-244-0-5.shop.pod.cluster.local", "", verified);
        await stop.CancelAsync();
        await DnsServerTests.EndAsync(running[1]);
        await running[0].WaitAsync(Patience);
    }

    [Fact]
    public void Endpoints_without_a_ready_condition_count_as_ready()
    {
        var slice = Slice("a", "db", ("10.244.0.5", null, true)) with { Endpoints = [new() { Addresses = ["10.244.0.5"] }, new() { Addresses = ["10.244.0.6"], Conditions = new() { Ready = false } }] };
        var entry = ZoneServices.Build(Service("db", "None"), [slice]);
        Assert.Equal("10-244-0-5", Assert.Single(entry.Endpoints).Label);
    }

    [Fact]
    public void Endpoints_that_are_published_before_they_are_ready_are_found()
    {
        // What the controller makes of publishNotReadyAddresses: ready, and not serving.
        var slice = Slice("a", "db", ("10.244.0.5", "db-0", true)) with { Endpoints = [new() { Addresses = ["10.244.0.5"], Hostname = "DB-0", Conditions = new() { Ready = true, Serving = false } }] };
        var zone = new ClusterZone();
        zone.AddNamespace("shop");
        zone.Set(ZoneServices.Build(Service("db", "None"), [slice]));
        var responder = new ZoneResponder(zone, "cluster.local", ZoneSettings.Default);
        var target = Assert.IsType<SrvData>(responder.Answer(new(DnsName.Parse("_http._tcp.db.shop.svc.cluster.local"), DnsType.SRV))!.Answers.Single().Data).Target;
        Assert.Equal("10.244.0.5", ((AddressData)responder.Answer(new(target, DnsType.A))!.Answers.Single().Data).Address.ToString());
    }

    [Fact]
    public void External_names_have_no_addresses()
    {
        var service = new Service { Metadata = new() { Name = "out", Namespace = "shop" }, Spec = new() { Type = "ExternalName", ExternalName = "example.com" } };
        Assert.Equal(("example.com", 0), (ZoneServices.Build(service, []).ExternalName, ZoneServices.Build(service, []).ClusterIPs.Count));
    }

    private static Service Service(string name, string clusterIP) => new()
    {
        Metadata = new() { Name = name, Namespace = "shop" },
        Spec = new() { Type = "ClusterIP", ClusterIP = clusterIP, ClusterIPs = [clusterIP], Ports = [new() { Name = "http", Port = 80, Protocol = "TCP" }] },
    };

    private static EndpointSlice Slice(string name, string service, params (string Address, string? Hostname, bool Ready)[] endpoints) => new()
    {
        Metadata = new() { Name = name, Namespace = "shop", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
        AddressType = "IPv4",
        Ports = [new() { Name = "http", Port = 8080, Protocol = "TCP" }],
        Endpoints = [.. endpoints.Select(e => new Endpoint { Addresses = [e.Address], Hostname = e.Hostname, Conditions = new() { Ready = e.Ready } })],
    };

    /// <summary>Looks at the zone after each change until the name leads to these addresses.</summary>
    private static async Task SeeAsync(DnsServer server, string name, string expected, ZoneSettings? settings = null)
    {
        using var timeout = new CancellationTokenSource(Patience);
        var responder = new ZoneResponder(server.Zone, "cluster.local", settings ?? ZoneSettings.Default);
        while (true)
        {
            var answer = responder.Answer(new(DnsName.Parse(name), DnsType.A))!;
            var seen = string.Join(",", answer.Answers.Select(r => ((AddressData)r.Data).Address.ToString()).Order(StringComparer.Ordinal));
            if (seen == expected)
            {
                return;
            }

            Assert.False(timeout.IsCancellationRequested, $"{name} should lead to \"{expected}\" and leads to \"{seen}\"");
            await Task.Yield();
        }
    }
}
