using Kobune.Api.Core.V1;
using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Node.IngressController;
using Kobune.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Node.Tests;

/// <summary>The addon over a real API server: its objects, its rights, and what is left of it.</summary>
public class IngressAddonTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly NodeConfig Config = new() { Profile = "test", NodeName = "test", NodeIP = "192.168.49.2", ServerUrl = "https://192.168.49.2:8443" };

    [Fact]
    public async Task Switched_on_it_serves_and_switched_off_it_leaves_nothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var part = IngressAddon.Part(Config, new Clients(cluster), TimeProvider.System, NullLoggerFactory.Instance, http: 0, https: 0);
        using var stop = new CancellationTokenSource();
        var running = part.Start("").Single().RunAsync(stop.Token);
        await UntilAsync(cluster, "the class", async () => (await cluster.Client.ListAsync<IngressClass>("", null, default)).Items.Any(c => c.Metadata.Name == "nginx"));
        var ingress = await cluster.Client.CreateAsync(
            new Api.Networking.V1.Ingress { Metadata = new() { Name = "web", Namespace = "default" }, Spec = new() { DefaultBackend = new() { Service = new() { Name = "web", Port = new() { Number = 80 } } } } }, default);
        Assert.Equal("nginx", ingress.Spec.IngressClassName); // the default class
        await UntilAsync(cluster, "the address", async () => await AddressAsync(cluster) == "192.168.49.2");
        var service = await cluster.Client.GetAsync<Service>("ingress-nginx", "ingress-nginx-controller", default);
        Assert.Equal([80, 443], service.Spec.Ports.Select(p => p.Port));
        Assert.False(running.IsCompleted);

        await stop.CancelAsync();
        await Task.WhenAny(running).WaitAsync(Patience);
        Assert.False(running.IsFaulted);
        Assert.Equal("192.168.49.2", await AddressAsync(cluster)); // a stopped node keeps what it said
        await part.Remove!(default);
        await part.Remove!(default);
        Assert.Equal("", await AddressAsync(cluster));
        Assert.Empty((await cluster.Client.ListAsync<IngressClass>("", null, default)).Items);
        Assert.DoesNotContain(cluster.DeniedRequests, d => d.User.Contains("ingress", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_of_both_families_serves_and_publishes_both()
    {
        await using var cluster = await TestCluster.StartAsync();
        var part = IngressAddon.Part(Config with { IPv6 = new() { NodeIP = "fd00:192:168:49::2", ClusterCIDR = "fd00:10:244::/56", ServiceCIDR = "fd00:10:96::/112", ClusterDNS = "fd00:10:96::a" } }, new Clients(cluster), TimeProvider.System, NullLoggerFactory.Instance, http: 0, https: 0);
        using var stop = new CancellationTokenSource();
        var running = part.Start("").Single().RunAsync(stop.Token);
        await UntilAsync(cluster, "the class", async () => (await cluster.Client.ListAsync<IngressClass>("", null, default)).Items.Any(c => c.Metadata.Name == "nginx"));
        await cluster.Client.CreateAsync(
            new Api.Networking.V1.Ingress { Metadata = new() { Name = "web", Namespace = "default" }, Spec = new() { DefaultBackend = new() { Service = new() { Name = "web", Port = new() { Number = 80 } } } } }, default);
        await UntilAsync(cluster, "the addresses", async () => await AddressAsync(cluster) == "192.168.49.2,fd00:192:168:49::2");
        var slices = await cluster.Client.ListAsync<Api.Discovery.V1.EndpointSlice>("ingress-nginx", null, default);
        Assert.Equal(["IPv4", "IPv6"], slices.Items.Select(s => s.AddressType).Order());
        await stop.CancelAsync();
        await Task.WhenAny(running).WaitAsync(Patience);
        Assert.False(running.IsFaulted);
        await part.Remove!(default);
        Assert.Equal("", await AddressAsync(cluster));
        Assert.Equal(System.Net.IPAddress.IPv6Any, IngressAddon.Options(Config.NodeIPs.Append(System.Net.IPAddress.IPv6Loopback).ToList(), "", 0, 0).Http[0].Address);
    }

    [Fact]
    public async Task A_class_of_the_users_own_stays()
    {
        await using var cluster = await TestCluster.StartAsync();
        var part = IngressAddon.Part(Config, new Clients(cluster), TimeProvider.System, NullLoggerFactory.Instance, http: 0, https: 0);
        await cluster.Client.CreateAsync(new IngressClass { Metadata = new() { Name = "nginx" }, Spec = new() { Controller = "k8s.io/ingress-nginx" } }, default);
        await part.Remove!(default);
        Assert.Single((await cluster.Client.ListAsync<IngressClass>("", null, default)).Items);
    }

    [Fact]
    public async Task Ingress_dns_may_read_what_it_needs_and_goes_without_a_trace()
    {
        await using var cluster = await TestCluster.StartAsync();
        var part = IngressDnsAddon.Part(Config, new Clients(cluster), TimeProvider.System, NullLoggerFactory.Instance, new(System.Net.IPAddress.Loopback, 0));
        using var stop = new CancellationTokenSource();
        var running = part.Start("").Single().RunAsync(stop.Token);
        var account = cluster.ClientFor("system:serviceaccount:kube-system:minikube-ingress-dns");
        var question = new Api.Authorization.V1.SelfSubjectAccessReview { Spec = new() { ResourceAttributes = new() { Verb = "watch", Group = "networking.k8s.io", Resource = "ingresses" } } };
        await UntilAsync(cluster, "the right", async () => (await account.CreateAsync(question, default)).Status.Allowed);
        await stop.CancelAsync();
        await Task.WhenAny(running).WaitAsync(Patience);
        Assert.False(running.IsFaulted);
        await part.Remove!(default);
        Assert.DoesNotContain((await cluster.Client.ListAsync<Api.Rbac.V1.ClusterRole>("", null, default)).Items, r => r.Metadata.Name == "minikube-ingress-dns");
        Assert.DoesNotContain(cluster.DeniedRequests, d => d.User.Contains("ingress", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("default/cert", "default/cert")]
    [InlineData("nonsense", null)]
    public void The_settings_name_the_default_certificate(string settings, string? key) =>
        Assert.Equal(key, IngressAddon.Options([System.Net.IPAddress.Loopback], settings, 0, 0).DefaultCertificate?.ToString());

    private static async Task<string> AddressAsync(TestCluster cluster) =>
        string.Join(",", (await cluster.Client.GetAsync<Api.Networking.V1.Ingress>("default", "web", default)).Status.LoadBalancer.Ingress.Select(i => i.IP));

    private static async Task UntilAsync(TestCluster cluster, string what, Func<Task<bool>> good)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (!await good())
        {
            Assert.False(timeout.IsCancellationRequested, $"{what} did not come; denied: {string.Join("; ", cluster.DeniedRequests)}");
            await Task.Yield();
        }
    }

    private sealed class Clients(TestCluster cluster) : IClientFactory
    {
        public IClient For(string identity) => cluster.ClientFor(identity);
    }
}
