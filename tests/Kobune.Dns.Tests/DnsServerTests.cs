using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Kobune.Dns.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Dns.Tests;

/// <summary>Real sockets on loopback, with dig as judge.</summary>
public sealed class DnsServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly List<DnsServer> _servers = [];
    private DnsServer _server = null!;
    private DnsServer _upstream = null!;

    public ValueTask InitializeAsync()
    {
        // Another cluster's DNS plays the rest of the world: it owns the domain "example".
        _upstream = Start(new() { Listen = [new(IPAddress.Loopback, 0)], Domain = "example" });
        _upstream.Zone.AddNamespace("com");
        _upstream.Zone.Set(new("com", "www") { ClusterIPs = [IPAddress.Parse("192.0.2.1")], Ports = [new("http", "tcp", 80)] });
        _upstream.Zone.Set(new("com", "big") { Headless = true, Endpoints = [.. Enumerable.Range(1, 200).Select(i => Zones.Endpoint($"192.0.2.{i}", null, new Dns.Zones.ZonePort("", "tcp", 1)))] });
        _server = Start(new() { Listen = [new(IPAddress.Loopback, 0), new(IPAddress.Parse("127.0.0.2"), 0)], Upstream = [new(IPAddress.Loopback, 9), _upstream.UdpEndpoints[0]] });
        Zones.Fill(_server.Zone);
        _server.Zone.Set(new("default", "www") { ExternalName = "www.com.svc.example" });
        _server.Zone.Set(new("default", "lost") { ExternalName = "lost.com.svc.example" });
        _server.Zone.Set(new("default", "loop") { ExternalName = "loop.default.svc.cluster.local" });
        _server.Zone.Set(new("default", "big") { Headless = true, Endpoints = [.. Enumerable.Range(1, 200).Select(i => Zones.Endpoint($"10.244.1.{i}", null, new Dns.Zones.ZonePort("", "tcp", 1)))] });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var task in _running)
        {
            await EndAsync(task);
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _stop.Dispose();
    }

    [Theory]
    [InlineData("web.default.svc.cluster.local A", "NOERROR", "web.default.svc.cluster.local. 5 IN A 10.96.1.1")]
    [InlineData("wEb.default.svc.cluster.local A", "NOERROR", "wEb.default.svc.cluster.local. 5 IN A 10.96.1.1")]
    [InlineData("web.default.svc.cluster.local AAAA", "NOERROR", "")]
    [InlineData("nope.default.svc.cluster.local A", "NXDOMAIN", "")]
    [InlineData("_http._tcp.web.default.svc.cluster.local SRV", "NOERROR", "_http._tcp.web.default.svc.cluster.local. 5 IN SRV 0 100 80 web.default.svc.cluster.local.")]
    [InlineData("-x 10.96.1.1", "NOERROR", "1.1.96.10.in-addr.arpa. 5 IN PTR web.default.svc.cluster.local.")]
    [InlineData("dns-version.cluster.local TXT", "NOERROR", "dns-version.cluster.local. 5 IN TXT \"1.1.0\"")]
    [InlineData("inside.default.svc.cluster.local A", "NOERROR", "inside.default.svc.cluster.local. 5 IN CNAME web.default.svc.cluster.local.|web.default.svc.cluster.local. 5 IN A 10.96.1.1")]
    [InlineData("www.default.svc.cluster.local A", "NOERROR", "www.default.svc.cluster.local. 5 IN CNAME www.com.svc.example.|www.com.svc.example. 5 IN A 192.0.2.1")]
    [InlineData("lost.default.svc.cluster.local A", "NXDOMAIN", "lost.default.svc.cluster.local. 5 IN CNAME lost.com.svc.example.")]
    [InlineData("www.com.svc.example A", "NOERROR", "www.com.svc.example. 5 IN A 192.0.2.1")]
    [InlineData("nope.com.svc.example A", "NXDOMAIN", "")]
    [InlineData("web.default.svc.cluster.local CH A", "REFUSED", "")]
    [InlineData("+opcode=STATUS web.default.svc.cluster.local A", "NOTIMP", "")]
    [InlineData("+edns=1 +noednsnegotiation web.default.svc.cluster.local A", "BADVERS", "")]
    public async Task Dig_reads_it_over_udp_and_tcp(string question, string status, string answers)
    {
        foreach (var transport in (string[])["+notcp", "+tcp"])
        {
            var output = await DigAsync(transport, transport == "+tcp" ? _server.TcpEndpoints[1] : _server.UdpEndpoints[1], question);
            Assert.Contains("status: " + status + ",", output, StringComparison.Ordinal);
            Assert.Equal(answers, string.Join('|', Section(output, ";; ANSWER SECTION:")));
            Assert.DoesNotContain("malformed", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_negative_answer_carries_the_SOA()
    {
        var output = await DigAsync("+notcp", _server.UdpEndpoints[0], "nope.default.svc.cluster.local A");
        Assert.StartsWith("cluster.local. 5 IN SOA ns.dns.cluster.local. hostmaster.cluster.local.", Section(output, ";; AUTHORITY SECTION:").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_refuses_makes_way_for_the_next()
    {
        var refusing = new DnsServer(new() { Listen = [new(IPAddress.Loopback, 0)] }, new Ingresses.IngressZone([]), TimeProvider.System, NullLogger.Instance);
        _servers.Add(refusing);
        _running.Add(refusing.RunAsync(_stop.Token));
        _server.Configure(Configuration.CorefileSettings.Parse($$""".:53 { forward . {{refusing.UdpEndpoints[0]}} {{_upstream.UdpEndpoints[0]}} }""".Replace(" { ", " {\n").Replace(" }", "\n}"))!);
        var output = await DigAsync("+notcp", _server.UdpEndpoints[0], "www.com.svc.example A");
        Assert.Equal(["www.com.svc.example. 5 IN A 192.0.2.1"], Section(output, ";; ANSWER SECTION:"));
    }

    [Fact]
    public async Task Settings_route_domains_fix_hosts_and_rename()
    {
        var stub = _upstream.UdpEndpoints[0];
        _server.Configure(Configuration.CorefileSettings.Parse($$"""
            .:53 {
              hosts {
                192.168.49.1 host.kobune.internal
                fallthrough
              }
              rewrite name shop.corp web.default.svc.cluster.local
              forward . 127.0.0.1:9
              kubernetes cluster.local {
                ttl 12
              }
            }
            com.svc.example {
              forward . {{stub}}
            }
            """)!);
        var udp = _server.UdpEndpoints[0];
        string[] Answer(string output) => [.. Section(output, ";; ANSWER SECTION:")];
        Assert.Equal(["host.kobune.internal. 3600 IN A 192.168.49.1"], Answer(await DigAsync("+notcp", udp, "host.kobune.internal A")));
        Assert.Equal(["1.49.168.192.in-addr.arpa. 3600 IN PTR host.kobune.internal."], Answer(await DigAsync("+notcp", udp, "-x 192.168.49.1")));
        Assert.Equal(["www.com.svc.example. 5 IN A 192.0.2.1"], Answer(await DigAsync("+notcp", udp, "www.com.svc.example A")));
        Assert.Equal(["shop.corp. 12 IN A 10.96.1.1"], Answer(await DigAsync("+notcp", udp, "shop.corp A")));
        Assert.Contains("status: SERVFAIL", await DigAsync("+notcp", udp, "elsewhere.example A"), StringComparison.Ordinal);
        Assert.Equal(["web.default.svc.cluster.local. 12 IN A 10.96.1.1"], Answer(await DigAsync("+notcp", udp, "web.default.svc.cluster.local A")));
    }

    [Theory]
    [InlineData("big.default.svc.cluster.local")]
    [InlineData("big.com.svc.example")]
    public async Task A_long_answer_is_cut_over_udp_and_whole_over_tcp(string name)
    {
        var cut = await AskUdpAsync(new() { Id = 1, Questions = [new(DnsName.Parse(name), DnsType.A)] });
        Assert.True(cut.Has(DnsFlags.Truncated));
        var tcp = _server.TcpEndpoints[0];
        if (name.EndsWith("example", StringComparison.Ordinal))
        {
            return; // upstream's UDP and TCP ports differ here
        }

        var whole = await AskTcpAsync(tcp, [new() { Id = 2, Questions = [new(DnsName.Parse(name), DnsType.A)] }]);
        Assert.Equal(200, whole[0].Answers.Count);
    }

    [Fact]
    public async Task One_tcp_connection_carries_many_questions()
    {
        var answers = await AskTcpAsync(_server.TcpEndpoints[0], [.. Enumerable.Range(1, 20).Select(i => new DnsMessage { Id = (ushort)i, Questions = [new(DnsName.Parse("web.default.svc.cluster.local"), DnsType.A)] })]);
        Assert.Equal(Enumerable.Range(1, 20), answers.Select(a => (int)a.Id));
    }

    [Fact]
    public async Task A_broken_query_gets_FORMERR_and_the_next_one_its_answer()
    {
        var broken = await ExchangeAsync([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 1]);
        Assert.True(DnsDecoder.TryDecode(broken, out var answer));
        Assert.Equal((7, DnsRcode.FormErr), (answer.Id, answer.Rcode));
        Assert.Single((await AskUdpAsync(new() { Id = 1, Questions = [new(DnsName.Parse("web.default.svc.cluster.local"), DnsType.A)] })).Answers);
    }

    [Fact]
    public async Task Until_it_is_filled_nothing_is_said_not_to_exist()
    {
        await using var server = new DnsServer(new() { Listen = [new(IPAddress.Loopback, 0)] }, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = server.RunAsync(stop.Token);
        Assert.Contains("status: SERVFAIL,", await DigAsync("+notcp", server.UdpEndpoints[0], "nope.default.svc.cluster.local A"), StringComparison.Ordinal);
        server.SetReady();
        Assert.Contains("status: NXDOMAIN,", await DigAsync("+notcp", server.UdpEndpoints[0], "nope.default.svc.cluster.local A"), StringComparison.Ordinal);
        Assert.Contains("status: SERVFAIL,", await DigAsync("+notcp", server.UdpEndpoints[0], "example.com A"), StringComparison.Ordinal);
        await stop.CancelAsync();
        await EndAsync(running);
    }

    /// <summary>A cancelled loop may return or throw that it was cancelled, by where it stood.</summary>
    internal static async Task EndAsync(Task task)
    {
        try
        {
            await task.WaitAsync(Patience);
        }
        catch (OperationCanceledException)
        {
            // as good an end as a return
        }
    }

    private DnsServer Start(DnsOptions options)
    {
        var server = new DnsServer(options, TimeProvider.System, NullLogger.Instance);
        server.SetReady();
        _servers.Add(server);
        _running.Add(server.RunAsync(_stop.Token));
        return server;
    }

    private async Task<DnsMessage> AskUdpAsync(DnsMessage query)
    {
        var buffer = new byte[512];
        var answer = await ExchangeAsync(buffer[..DnsEncoder.Encode(query, buffer)]);
        Assert.True(DnsDecoder.TryDecode(answer, out var message));
        return message;
    }

    private async Task<byte[]> ExchangeAsync(byte[] query)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var client = new UdpClient(AddressFamily.InterNetwork);
        client.Connect(_server.UdpEndpoints[0]);
        await client.SendAsync(query, timeout.Token);
        return (await client.ReceiveAsync(timeout.Token)).Buffer;
    }

    private static async Task<List<DnsMessage>> AskTcpAsync(IPEndPoint server, DnsMessage[] queries)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(server, timeout.Token);
        var stream = client.GetStream();
        var buffer = new byte[65537];
        foreach (var query in queries)
        {
            var size = DnsEncoder.Encode(query, buffer.AsSpan(2));
            BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)size);
            await stream.WriteAsync(buffer.AsMemory(0, size + 2), timeout.Token);
        }

        var answers = new List<DnsMessage>();
        for (var i = 0; i < queries.Length; i++)
        {
            await stream.ReadExactlyAsync(buffer.AsMemory(0, 2), timeout.Token);
            var size = BinaryPrimitives.ReadUInt16BigEndian(buffer);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, size), timeout.Token);
            Assert.True(DnsDecoder.TryDecode(buffer.AsSpan(0, size), out var answer));
            answers.Add(answer);
        }

        return answers;
    }

    internal static async Task<string> DigAsync(string transport, IPEndPoint server, string question)
    {
        using var timeout = new CancellationTokenSource(Patience);
        var start = new ProcessStartInfo("dig") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = ["@" + server.Address, "-p", server.Port.ToString(), "+tries=1", "+time=20", transport, .. question.Split(' ')];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var dig = Process.Start(start)!;
        var output = await dig.StandardOutput.ReadToEndAsync(timeout.Token);
        await dig.WaitForExitAsync(timeout.Token);
        Assert.True(dig.ExitCode == 0, $"dig {string.Join(' ', arguments)} ended with {dig.ExitCode}: {output}");
        return output;
    }

    private static List<string> Section(string output, string title) =>
        [.. output.Split('\n').SkipWhile(l => l != title).Skip(1).TakeWhile(l => l.Length > 0).Select(l => string.Join(' ', l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
}
