using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Dns.Ingresses;
using Kobune.Dns.Wire;
using Kobune.Tests.Collections;
using Microsoft.Extensions.Logging.Abstractions;
using IPAddress = System.Net.IPAddress;

namespace Kobune.Dns.Tests;

/// <summary>The hosts of Ingresses lead to the node.</summary>
public class IngressDnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("shop.test", "A", "NoError", 1, 0)]
    [InlineData("SHOP.TEST", "A", "NoError", 1, 0)]
    [InlineData("shop.test", "AAAA", "NoError", 0, 1)]
    [InlineData("www.wild.test", "A", "NoError", 1, 0)]
    [InlineData("a.b.wild.test", "A", "Refused", 0, 0)]
    [InlineData("wild.test", "A", "Refused", 0, 0)]
    [InlineData("tls-only.test", "A", "NoError", 1, 0)]
    [InlineData("example.com", "A", "Refused", 0, 0)]
    [InlineData("test", "A", "Refused", 0, 0)]
    public void A_name_is_answered(string name, string type, string rcode, int answers, int authorities)
    {
        var zone = new IngressZone([IPAddress.Parse("192.168.49.2")]) { Hosts = IngressDnsComponent.HostsOf([Make("a", "shop.test", "*.Wild.test", "")]) };
        var answer = zone.Answer(new(DnsName.Parse(name), Enum.Parse<DnsType>(type)))!;
        Assert.Equal((rcode, answers, authorities), (answer.Rcode.ToString(), answer.Answers.Count, answer.Authorities.Count));
    }

    [Fact]
    public async Task Hosts_follow_the_ingresses_and_dig_reads_them()
    {
        using var stop = new CancellationTokenSource();
        var api = new CollectionTransport();
        api.Put(Make("a", "shop.test"));
        var informers = new InformerFactory(new KubernetesClient(api, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var component = new IngressDnsComponent(new() { Listen = [new(IPAddress.Loopback, 0)], Addresses = [IPAddress.Parse("192.168.49.2")] }, informers, TimeProvider.System, NullLoggerFactory.Instance);
        Task[] running = [informers.RunAsync(stop.Token), component.RunAsync(stop.Token)];
        var server = await component.Listening.WaitAsync(Patience);
        Assert.Matches(@"shop\.test\.\s+30\s+IN\s+A\s+192\.168\.49\.2", await DnsServerTests.DigAsync("+notcp", server.UdpEndpoints[0], "shop.test A"));
        Assert.Contains("status: REFUSED", await DnsServerTests.DigAsync("+tcp", server.TcpEndpoints[0], "new.test A"), StringComparison.Ordinal);
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = informers.For<Ingress>().Subscribe(c => _ = c.Key.Name == "b" && changed.TrySetResult());
        api.Put(Make("b", "new.test"));
        await changed.Task.WaitAsync(Patience); // the component subscribed first, so it has seen it too
        Assert.Matches(@"new\.test\.\s+30\s+IN\s+A\s+192\.168\.49\.2", await DnsServerTests.DigAsync("+tcp", server.TcpEndpoints[0], "new.test A"));
        await stop.CancelAsync();
        await DnsServerTests.EndAsync(running[1]);
        await running[0].WaitAsync(Patience);
    }

    private static Ingress Make(string name, params string[] hosts) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new() { Rules = [.. hosts.Select(h => new IngressRule { Host = h })], TLS = [new() { Hosts = ["tls-only.test"] }] },
    };
}
