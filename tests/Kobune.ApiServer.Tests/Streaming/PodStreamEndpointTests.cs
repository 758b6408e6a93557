using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using Kobune.ApiServer.Streaming;

namespace Kobune.ApiServer.Tests.Streaming;

/// <summary>Whole paths: client, server and kubelet over real connections.</summary>
public sealed class PodStreamEndpointTests(StreamingLab lab) : IClassFixture<StreamingLab>, IDisposable
{
    private const string Exec = "exec?command=cat&stdin=true&stdout=true";
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(2));

    private CancellationToken Ct => _timeout.Token;

    public void Dispose() => _timeout.Dispose();

    [Fact]
    public async Task A_hundred_megabytes_pass_both_ways_through_exec_and_the_exit_code_follows()
    {
        const int Total = 100 * 1024 * 1024;
        using var socket = await ConnectAsync(Exec, "v5.channel.k8s.io");
        var sending = SendBlobAsync(socket, Total);
        var (bytes, hash, error) = await ReceiveAsync(socket);
        Assert.Equal((Total, await sending), (bytes, hash));
        Assert.Equal(StreamingLab.ExitCode7, error);
        Assert.Contains(lab.Commands, c => c.StartsWith("/exec?command=cat", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Base64_clients_are_understood()
    {
        using var socket = await ConnectAsync("exec?command=cat&stdin=true&stdout=true&tty=true", "base64.channel.k8s.io");
        await socket.SendAsync(Encoding.ASCII.GetBytes("0" + Convert.ToBase64String("ls\n"u8)), WebSocketMessageType.Text, true, Ct);
        await socket.SendAsync(Encoding.ASCII.GetBytes("4" + Convert.ToBase64String("""{"Width":1}"""u8)), WebSocketMessageType.Text, true, Ct);
        Assert.Equal("1", await TextAsync(socket));
        Assert.Equal("1" + Convert.ToBase64String("ls\n"u8), await TextAsync(socket));
        Assert.Equal("1" + Convert.ToBase64String("""{"Width":1}"""u8), await TextAsync(socket));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fifty_forwarded_connections_run_side_by_side(bool tunnelled)
    {
        using var socket = tunnelled ? await TunnelAsync() : null;
        using var upgraded = tunnelled ? null : await KubeletUpgrade.OpenAsync(lab.Invoker, new Uri(lab.Address, "portforward"), ["portforward.k8s.io"], Ct);
        await using var stream = socket is null ? upgraded!.Stream! : WebSocketStream.Create(socket, WebSocketMessageType.Binary, TimeSpan.FromSeconds(5));
        Assert.Equal("portforward.k8s.io", upgraded?.Protocol ?? "portforward.k8s.io");
        using var spdy = new SpdyClient(stream);
        var received = new ConcurrentDictionary<int, MemoryStream>();
        var open = 50;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var receiving = spdy.ReceiveAsync(
            async item =>
            {
                received.GetOrAdd(item.StreamId, _ => new()).Write(item.Data.Span);
                if (item.End && --open == 0)
                {
                    await done.CancelAsync();
                }
            },
            done.Token);

        var sent = new ConcurrentDictionary<int, byte[]>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 50), Ct, async (i, ct) =>
        {
            await spdy.OpenAsync([("streamType", "error"), ("port", "80"), ("requestID", $"{i}")], fin: true, ct);
            var id = await spdy.OpenAsync([("streamType", "data"), ("port", "80"), ("requestID", $"{i}")], fin: false, ct);
            var blob = new byte[200_000 + i];
            new Random(i).NextBytes(blob);
            sent[id] = blob;
            await spdy.SendAsync(id, blob.AsMemory(0, 100_000), fin: false, ct);
            await spdy.SendAsync(id, blob.AsMemory(100_000), fin: true, ct);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        Assert.Equal(0, open);
        Assert.All(sent, s => Assert.True(s.Value.AsSpan().SequenceEqual(received[s.Key].ToArray()), $"stream {s.Key} came back as sent"));
    }

    [Fact]
    public async Task Ports_in_the_query_become_pairs_of_channels()
    {
        using var socket = await ConnectAsync("portforward?ports=80&ports=443", "v4.channel.k8s.io");
        await socket.SendAsync(new byte[] { 2, (byte)'h', (byte)'i' }, WebSocketMessageType.Binary, true, Ct);
        var messages = new List<string>();
        while (messages.Count < 5)
        {
            var buffer = new byte[100];
            var result = await socket.ReceiveAsync(buffer.AsMemory(), Ct);
            messages.Add($"{buffer[0]}:{Convert.ToHexString(buffer, 1, result.Count - 1)}");
        }

        Assert.Equal(["0:5000", "1:5000", "2:6869", "2:BB01", "3:BB01"], messages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SPDY_clients_speak_with_the_kubelet_itself()
    {
        using var connection = await KubeletUpgrade.OpenAsync(lab.Invoker, new Uri(lab.Address, Exec), ["v4.channel.k8s.io"], Ct);
        Assert.Equal("v4.channel.k8s.io", connection.Protocol);
        using var spdy = new SpdyClient(connection.Stream!);
        var error = await spdy.OpenAsync([("streamType", "error")], fin: false, Ct);
        var stdin = await spdy.OpenAsync([("streamType", "stdin")], fin: false, Ct);
        var stdout = await spdy.OpenAsync([("streamType", "stdout")], fin: false, Ct);
        await spdy.SendAsync(stdin, "hello"u8.ToArray(), fin: true, Ct);
        var seen = new List<string>();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spdy.ReceiveAsync(
            async item =>
            {
                seen.Add($"{item.StreamId}:{Encoding.UTF8.GetString(item.Data.Span)}");
                if (item.StreamId == error)
                {
                    await done.CancelAsync();
                }
            },
            done.Token));
        Assert.Equal([$"{stdout}:hello", $"{error}:{StreamingLab.ExitCode7}"], seen);
    }

    [Fact]
    public async Task A_kubelets_refusal_reaches_the_client()
    {
        using var spdy = await KubeletUpgrade.OpenAsync(lab.Invoker, new Uri(lab.Address, "exec?refuse=1"), ["v4.channel.k8s.io"], Ct);
        Assert.Equal((404, "pod does not exist"), ((int)spdy.Response.StatusCode, await spdy.Response.Content.ReadAsStringAsync(Ct)));
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol("v5.channel.k8s.io");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Url("exec?refuse=1"), Ct));
        Assert.Equal(404, (int)socket.HttpStatusCode);
    }

    [Fact]
    public async Task A_plain_request_and_an_unknown_protocol_are_bad_requests()
    {
        using var plain = await lab.Invoker.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(lab.Address, "exec")), Ct);
        Assert.Equal(400, (int)plain.StatusCode);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol("nonsense");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Url("exec"), Ct));
        Assert.Equal(400, (int)socket.HttpStatusCode);
    }

    private Uri Url(string path) => new("ws" + new Uri(lab.Address, path).ToString()[4..]);

    private async Task<ClientWebSocket> ConnectAsync(string path, string protocol)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(protocol);
        await socket.ConnectAsync(Url(path), Ct);
        Assert.Equal(protocol, socket.SubProtocol);
        return socket;
    }

    /// <summary>The handshake by hand: .NET's client refuses to offer a subprotocol with a slash, Go's does not.</summary>
    private async Task<WebSocket> TunnelAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(lab.Address, "portforward"));
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", ChannelProtocol.PortForwardTunnel);
        var response = await lab.Invoker.SendAsync(request, Ct);
        Assert.Equal(101, (int)response.StatusCode);
        Assert.Equal(ChannelProtocol.PortForwardTunnel, response.Headers.GetValues("Sec-WebSocket-Protocol").Single());
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", response.Headers.GetValues("Sec-WebSocket-Accept").Single()); // RFC 6455's example
        return WebSocket.CreateFromStream(await response.Content.ReadAsStreamAsync(Ct), isServer: false, null, TimeSpan.Zero);
    }

    private async Task<ulong> SendBlobAsync(ClientWebSocket socket, int total)
    {
        var hash = new Fnv();
        var message = new byte[64 * 1024 + 1];
        var random = new Random(7);
        for (var left = total; left > 0;)
        {
            var size = Math.Min(left, message.Length - 1);
            random.NextBytes(message.AsSpan(1, size));
            message[0] = 0;
            hash.Add(message.AsSpan(1, size));
            await socket.SendAsync(message.AsMemory(0, size + 1), WebSocketMessageType.Binary, true, Ct);
            left -= size;
        }

        await socket.SendAsync(new byte[] { 255, 0 }, WebSocketMessageType.Binary, true, Ct);
        return hash.Value;
    }

    private async Task<(int Bytes, ulong Hash, string Error)> ReceiveAsync(ClientWebSocket socket)
    {
        var (bytes, hash, error) = (0, new Fnv(), "");
        var buffer = new byte[128 * 1024];
        var channel = -1;
        while (await socket.ReceiveAsync(buffer.AsMemory(), Ct) is { MessageType: not WebSocketMessageType.Close } result)
        {
            var data = buffer.AsSpan(channel < 0 ? 1 : 0, result.Count - (channel < 0 ? 1 : 0));
            channel = channel < 0 ? buffer[0] : channel;
            if (channel == 1)
            {
                bytes += data.Length;
                hash.Add(data);
            }
            else
            {
                error += Encoding.UTF8.GetString(data);
            }

            channel = result.EndOfMessage ? -1 : channel;
        }

        return (bytes, hash.Value, error);
    }

    private async Task<string> TextAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1000];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), Ct);
        return Encoding.ASCII.GetString(buffer, 0, result.Count);
    }

    /// <summary>A running sum that depends on the order.</summary>
    private sealed class Fnv
    {
        public ulong Value { get; private set; } = 14695981039346656037;

        public void Add(ReadOnlySpan<byte> data)
        {
            foreach (var b in data)
            {
                Value = (Value ^ b) * 1099511628211;
            }
        }
    }
}
