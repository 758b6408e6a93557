using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Kobune.Proxy.Commands;
using Kobune.Proxy.Nftables;
using Kobune.Proxy.Services;
using Kobune.Proxy.Userspace;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Kobune.Proxy.Tests;

/// <summary>Real sockets on addresses of the loopback network, which need no routes: a program that only reads stands for `ip`.</summary>
public sealed partial class UserspaceTableTests : IAsyncLifetime
{
    private static readonly IPAddress ClusterIP = IPAddress.Parse("127.96.1.1");
    private readonly UserspaceTable _table = new(NftFamily.V4, ["10.244.0.0/16"], new CommandRunner(["sh", "-c", "cat >/dev/null", "--"]), TimeProvider.System, NullLogger.Instance);
    private readonly List<Socket> _servers = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _table.DisposeAsync();
        _servers.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task Connections_are_passed_on_both_ways_and_follow_the_endpoints()
    {
        var (a, b) = (Serve("a"), Serve("b"));
        var port = FreePort(SocketType.Stream);
        await ApplyAsync(Model("tcp", port, a, b));
        Assert.Equal(["a:hello", "b:hello"], new[] { await AskAsync(port), await AskAsync(port) }.Order());
        await ApplyAsync(Model("tcp", port, b));
        Assert.Equal("b:hello", await AskAsync(port));
        Assert.Equal("b:hello", await AskAsync(port));
        await ApplyAsync(Model("tcp", port));
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => AskAsync(port))).SocketErrorCode);
    }

    /// <summary>Between fork and exec a child holds a copy of every descriptor: what is closed here must not go on listening there.</summary>
    [Fact]
    public async Task A_closed_address_refuses_also_while_a_process_that_starts_holds_its_descriptor()
    {
        var port = FreePort(SocketType.Stream);
        await ApplyAsync(Model("tcp", port, Serve("a")));
        using var copy = CopyOfListener(port);
        await ApplyAsync(Model("tcp", port));
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => AskAsync(port))).SocketErrorCode);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_answer_is_passed_over()
    {
        var (dead, good) = (new IPEndPoint(IPAddress.Loopback, FreePort(SocketType.Stream)), Serve("good"));
        var port = FreePort(SocketType.Stream);
        await ApplyAsync(Model("tcp", port, dead, good));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("good:hello", await AskAsync(port));
        }
    }

    [Fact]
    public async Task Datagrams_are_answered_to_their_sender()
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _servers.Add(server);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = EchoAsync(server);
        var port = FreePort(SocketType.Dgram);
        await ApplyAsync(Model("udp", port, (IPEndPoint)server.LocalEndPoint!));
        using var client = new UdpClient();
        client.Connect(ClusterIP, port);
        foreach (var word in (string[])["one", "two"])
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(word), TestContext.Current.CancellationToken);
            var answer = await client.ReceiveAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(NetworkLab.Patience);
            Assert.Equal("echo " + word, Encoding.ASCII.GetString(answer.Buffer));
        }
    }

    [Fact]
    public async Task Sctp_is_left_out_and_the_rest_works()
    {
        var port = FreePort(SocketType.Stream);
        await ApplyAsync(Model("sctp", port, Serve("x")), Model("tcp", port, Serve("a")));
        Assert.Equal("a:hello", await AskAsync(port));
    }

    [Fact]
    public async Task A_taken_address_is_tried_again()
    {
        var port = FreePort(SocketType.Stream);
        var a = Serve("a");
        using (var squatter = new TcpListener(ClusterIP, port))
        {
            squatter.Start();
            _table.Set("default/web", [Model("tcp", port, a)], []);
            Assert.False(await _table.ApplyAsync(CancellationToken.None));
        }

        Assert.True(await _table.ApplyAsync(CancellationToken.None));
        Assert.Equal("a:hello", await AskAsync(port));
    }

    [Fact]
    public void A_node_port_is_on_the_nodes_addresses_and_external_ones_become_the_nodes_own()
    {
        var model = Model("tcp", 80, new IPEndPoint(IPAddress.Parse("10.244.0.5"), 8080)) with { NodePort = 30080, ExternalIPs = [IPAddress.Parse("192.0.2.7")], LoadBalancerIPs = [ClusterIP], ExternalLocal = true };
        var frontends = Frontend.Of([model], [IPAddress.Parse("192.168.49.2")], []).Select(f => $"{f.Key.Endpoint} {f.Targets.Count} {(f.Owned ? "owned" : "there")}");
        Assert.Equal(["127.96.1.1:80 1 owned", "192.0.2.7:80 0 owned", "192.168.49.2:30080 0 there"], frontends);
    }

    /// <summary>Who is admitted at each address of a Service with source ranges: the load balancer's only, and inside of the cluster all at the cluster IP.</summary>
    [Fact]
    public void Source_ranges_guard_the_addresses_of_the_load_balancer()
    {
        var model = Model("tcp", 80, new IPEndPoint(IPAddress.Parse("10.244.0.5"), 8080)) with
        {
            NodePort = 30080,
            ExternalIPs = [IPAddress.Parse("192.0.2.7")],
            LoadBalancerIPs = [IPAddress.Parse("192.0.2.8"), ClusterIP],
            SourceRanges = ["198.51.100.0/24"],
        };
        var node = IPAddress.Parse("192.168.49.2");
        string Admitted(ServicePortModel port) => string.Join('|', Frontend.Of([port], [node], ["10.244.0.0/16"]).Select(f => $"{f.Key.Endpoint} {string.Join(' ', f.Admitted)}".Trim()));
        Assert.Equal("127.96.1.1:80 198.51.100.0/24 10.244.0.0/16 192.168.49.2/32 127.96.1.1/32 127.0.0.1/32|192.0.2.7:80|192.0.2.8:80 198.51.100.0/24|192.168.49.2:30080", Admitted(model));
        Assert.Equal("127.96.1.1:80|192.0.2.7:80|192.0.2.8:80|192.168.49.2:30080", Admitted(model with { SourceRanges = [] }));
        Assert.StartsWith("127.96.1.1:80|", Admitted(model with { LoadBalancerIPs = [IPAddress.Parse("192.0.2.8")] }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("198.51.100.0/24", false)]
    public async Task A_client_outside_of_the_ranges_is_turned_away(string range, bool admitted)
    {
        var port = FreePort(SocketType.Stream);
        var balancer = IPAddress.Parse("127.96.1.2");
        await ApplyAsync(Model("tcp", port, Serve("a")) with { LoadBalancerIPs = [balancer], SourceRanges = [range] });
        Assert.Equal("a:hello", await AskAsync(port)); // the cluster IP is open to all
        if (admitted)
        {
            Assert.Equal("a:hello", await AskAsync(port, balancer));
        }
        else
        {
            await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(port, balancer));
        }
    }

    [Fact]
    public async Task Datagrams_from_outside_of_the_ranges_are_dropped_also_those_of_a_client_that_was_admitted()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = FreePort(SocketType.Dgram);
        var model = Model("udp", port, (IPEndPoint)server.LocalEndPoint!) with { LoadBalancerIPs = [IPAddress.Parse("127.96.1.2")], SourceRanges = ["127.0.0.1/32"] };
        await ApplyAsync(model);
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var other = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        async Task SendAsync(UdpClient from, string word) => await from.SendAsync(Encoding.ASCII.GetBytes(word), new IPEndPoint(IPAddress.Parse("127.96.1.2"), port), TestContext.Current.CancellationToken);
        async Task<string> SeenAsync()
        {
            var buffer = new byte[100];
            var count = await server.ReceiveAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(NetworkLab.Patience);
            return Encoding.ASCII.GetString(buffer, 0, count);
        }

        await SendAsync(other, "from outside");
        await SendAsync(client, "from inside");
        Assert.Equal("from inside", await SeenAsync());
        await ApplyAsync(model with { SourceRanges = ["127.0.0.2/32"] });
        await SendAsync(client, "not any more");
        await SendAsync(other, "now");
        Assert.Equal("now", await SeenAsync());
    }

    private async Task ApplyAsync(params ServicePortModel[] ports)
    {
        _table.Set("default/web", ports, []);
        Assert.True(await _table.ApplyAsync(CancellationToken.None));
    }

    private static ServicePortModel Model(string protocol, int port, params IPEndPoint[] endpoints) => new()
    {
        Service = "default/web",
        Protocol = protocol,
        Port = port,
        ClusterIP = ClusterIP,
        Cluster = [.. endpoints.Select(e => new EndpointModel(e.Address, e.Port, false))],
    };

    /// <summary>A server that says its name and what it read, when the client has sent all.</summary>
    private IPEndPoint Serve(string name)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _servers.Add(listener);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _ = AnswerAsync(listener, name);
        return (IPEndPoint)listener.LocalEndPoint!;
    }

    private static async Task AnswerAsync(Socket listener, string name)
    {
        while (true)
        {
            using var stream = new NetworkStream(await listener.AcceptAsync(), ownsSocket: true);
            var text = await new StreamReader(stream, leaveOpen: true).ReadToEndAsync();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{name}:{text}"));
        }
    }

    private static async Task EchoAsync(Socket server)
    {
        var buffer = new byte[100];
        while (true)
        {
            var received = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
            await server.SendToAsync(Encoding.ASCII.GetBytes("echo " + Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes)), received.RemoteEndPoint);
        }
    }

    private static async Task<string> AskAsync(int port, IPAddress? address = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address ?? ClusterIP, port).WaitAsync(NetworkLab.Patience);
        var stream = client.GetStream();
        await stream.WriteAsync("hello"u8.ToArray());
        client.Client.Shutdown(SocketShutdown.Send);
        return await new StreamReader(stream).ReadToEndAsync().WaitAsync(NetworkLab.Patience);
    }

    /// <summary>A second descriptor of the listening socket of this process at the cluster IP.</summary>
    private static SafeFileHandle CopyOfListener(int port)
    {
        var local = $"0101607F:{port:X4}"; // 127.96.1.1 as /proc/net/tcp writes it
        var inode = File.ReadLines("/proc/self/net/tcp").Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(f => f[1] == local && f[3] == "0A")[9];
        var descriptor = new DirectoryInfo("/proc/self/fd").GetFileSystemInfos().Single(f => f.LinkTarget == $"socket:[{inode}]").Name;
        return new(Dup(int.Parse(descriptor, CultureInfo.InvariantCulture)), ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Dup(int descriptor);

    private static int FreePort(SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(new IPEndPoint(ClusterIP, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
