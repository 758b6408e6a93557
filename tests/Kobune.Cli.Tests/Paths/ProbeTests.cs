using System.Net;
using System.Net.Sockets;
using Kobune.Cli.Paths;
using Kobune.Cli.Paths.Probes;

namespace Kobune.Cli.Tests.Paths;

public class ProbeTests
{
    private const string Table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
           1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
           2: 0501F40A:0050 0101F40A:C350 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
        nonsense
        """;

    private const string Table6 = """
          sl  local_address                         remote_address                        st
           0: 00000000000000000000000000000000:1388 00000000000000000000000000000000:0000 0A 0
           1: 00000000000000000000000001000000:1389 00000000000000000000000000000000:0000 0A 0
           2: 0000000000000000FFFF00000100007F:138A 00000000000000000000000000000000:0000 0A 0
        """;

    private const string Routes = """
        Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
        eth0	00000000	0101A8C0	0003	0	0	0	00000000	0	0	0
        kobune0	0031A8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
        kobune0	0000600A	0231A8C0	0003	0	0	0	0000F0FF	0	0	0
        """;

    [Fact]
    public void Listening_sockets_are_read_from_the_kernels_tables()
    {
        Assert.Equal([new("TCP", "127.0.0.1", 8080), new("TCP", "0.0.0.0", 80)], SocketTable.Parse("TCP", Table));
        Assert.Equal(["::", "::1", "127.0.0.1"], SocketTable.Parse("TCP", Table6).Select(l => l.Address));
        Assert.Equal([false, true, true], SocketTable.Parse("TCP", Table6).Select(l => l.IsLoopback));
    }

    [Fact]
    public void Tables_cut_at_every_byte_are_read_without_a_fault()
    {
        for (var i = 0; i <= Table.Length; i++)
        {
            Assert.InRange(SocketTable.Parse("TCP", Table[..i]).Count(), 0, 2);
        }
    }

    [Theory]
    [InlineData("10.96.7.7", "192.168.49.2")]
    [InlineData("192.168.49.9", "0.0.0.0")]
    [InlineData("8.8.8.8", "192.168.1.1")]
    public void The_next_hop_is_that_of_the_longest_prefix(string address, string gateway) => Assert.Equal(IPAddress.Parse(gateway), PcRoutes.NextHop(Routes, IPAddress.Parse(address)));

    private const string RoutesV6 = """
        fd000192016800490000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001  kobune0
        fd000010009600000000000000000000 70 00000000000000000000000000000000 00 fd000192016800490000000000000002 00000400 00000003 00000000 00000003  kobune0
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000003 00000000 00000003     eth0
        20010db8000000000000000000000000 20 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
        """;

    [Theory]
    [InlineData("fd00:10:96::7", "fd00:192:168:49::2")]
    [InlineData("fd00:192:168:49::9", "::")]
    [InlineData("2001:db8::1", "fe80::1")] // a route that rejects is no way
    public void The_next_hop_of_IPv6_is_that_of_the_longest_prefix(string address, string gateway)
    {
        Assert.Equal(IPAddress.Parse(gateway), PcRoutes.NextHopV6(RoutesV6, IPAddress.Parse(address)));
        for (var i = 0; i <= RoutesV6.Length; i++)
        {
            _ = PcRoutes.NextHopV6(RoutesV6[..i], IPAddress.Parse(address));
        }
    }

    [Fact]
    public async Task Real_packets_tell_open_from_closed_ports()
    {
        using var open = new TcpListener(IPAddress.Loopback, 0);
        open.Start();
        var port = ((IPEndPoint)open.LocalEndpoint).Port;
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound, so that nobody else takes it, but not listening
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var results = await Prober.RunAsync(
            [
                new("open", ProbeKind.Tcp, "127.0.0.1", port),
                new("closed", ProbeKind.Tcp, "127.0.0.1", ((IPEndPoint)closed.LocalEndPoint!).Port),
                new("udp", ProbeKind.Udp, "127.0.0.1", ((IPEndPoint)udp.Client.LocalEndPoint!).Port),
                new("unreachable", ProbeKind.Udp, "127.0.0.1", ((IPEndPoint)closed.LocalEndPoint!).Port),
                new("nobody", ProbeKind.Listeners, "no-such-container", 0),
            ],
            TestContext.Current.CancellationToken);
        Assert.Equal([ProbeOutcome.Connected, ProbeOutcome.Refused, ProbeOutcome.Silent, ProbeOutcome.Refused, ProbeOutcome.Failed], results.Select(r => r.Outcome));
    }

    [Fact]
    public async Task An_http_probe_reads_the_status()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var answer = Task.Run(async () =>
        {
            using var client = await server.AcceptTcpClientAsync();
            var buffer = new byte[1000];
            var count = await client.GetStream().ReadAsync(buffer);
            await client.GetStream().WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            return System.Text.Encoding.ASCII.GetString(buffer, 0, count);
        });
        var result = Assert.Single(await Prober.RunAsync([new("http", ProbeKind.Http, "127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port) { Host = "shop.test", Path = "/cart" }], TestContext.Current.CancellationToken));
        Assert.Equal((ProbeOutcome.Connected, 404), (result.Outcome, result.StatusCode));
        Assert.StartsWith("GET /cart HTTP/1.1\r\nHost: shop.test\r\n", await answer, StringComparison.Ordinal);
    }
}
