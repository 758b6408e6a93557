using System.Net.WebSockets;
using System.Text;
using Kobune.ApiServer.Streaming;

namespace Kobune.ApiServer.Tests.Streaming;

public sealed class RemoteCommandTranslatorTests
{
    private const string Success = """{"metadata":{},"status":"Success"}""";

    [Fact]
    public async Task Streams_are_opened_by_type_and_output_comes_back_by_channel()
    {
        await using var walk = await Walk.StartAsync("v5.channel.k8s.io", new(Stdin: true, Stdout: true, Stderr: true, Tty: false));
        Assert.Equal(["error", "stdin", "stdout", "stderr"], walk.Streams.Keys);

        await walk.Runtime.SendDataAsync(walk.Streams["stdout"], "out"u8.ToArray(), fin: true, walk.Ct);
        await walk.Runtime.SendDataAsync(walk.Streams["stderr"], "err"u8.ToArray(), fin: true, walk.Ct);
        await walk.Runtime.SendDataAsync(walk.Streams["error"], Encoding.UTF8.GetBytes(Success), fin: true, walk.Ct);

        Assert.Equal(["1:", "1:out", "2:err", "3:" + Success, "closed"], await walk.ReceiveAllAsync());
    }

    [Fact]
    public async Task Input_resize_and_the_close_signal_reach_the_runtime()
    {
        await using var walk = await Walk.StartAsync("v5.channel.k8s.io", new(Stdin: true, Stdout: true, Stderr: false, Tty: true));
        Assert.Equal(["error", "stdin", "stdout", "resize"], walk.Streams.Keys);

        await walk.SendAsync(0, "hello"u8.ToArray());
        await walk.SendAsync(4, """{"Width":80,"Height":24}"""u8.ToArray());
        await walk.SendAsync(255, [0]);

        var first = await walk.Runtime.ReadAsync(walk.Ct);
        Assert.Equal((walk.Streams["stdin"], "hello", false), (first!.StreamId, Encoding.UTF8.GetString(first.Data), first.Fin));
        var second = await walk.Runtime.ReadAsync(walk.Ct);
        Assert.Equal(walk.Streams["resize"], second!.StreamId);
        var third = await walk.Runtime.ReadAsync(walk.Ct);
        Assert.Equal((walk.Streams["stdin"], 0, true), (third!.StreamId, third.Data.Length, third.Fin));
    }

    [Fact]
    public async Task Protocols_before_v4_get_the_error_as_text()
    {
        await using var walk = await Walk.StartAsync("channel.k8s.io", new(Stdin: false, Stdout: true, Stderr: false, Tty: false));
        await walk.Runtime.SendDataAsync(walk.Streams["error"], """{"status":"Failure","message":"command terminated with exit code 7"}"""u8.ToArray(), fin: true, walk.Ct);
        await walk.Runtime.SendDataAsync(walk.Streams["stdout"], [], fin: true, walk.Ct);
        Assert.Equal(["1:", "3:command terminated with exit code 7", "closed"], await walk.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_command_that_ends_without_reading_its_input_ends_the_connection()
    {
        await using var walk = await Walk.StartAsync("v5.channel.k8s.io", new(Stdin: true, Stdout: true, Stderr: true, Tty: false));
        await walk.Runtime.SendDataAsync(walk.Streams["stderr"], "no"u8.ToArray(), fin: false, walk.Ct);
        await walk.Runtime.SendDataAsync(walk.Streams["error"], Encoding.UTF8.GetBytes(Success), fin: false, walk.Ct);
        Assert.Equal(["1:", "2:no", "3:" + Success, "closed"], await walk.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_large_body_passes_in_both_directions_unharmed()
    {
        await using var walk = await Walk.StartAsync("v5.channel.k8s.io", new(Stdin: true, Stdout: true, Stderr: false, Tty: false));
        var blob = new byte[3_000_000];
        Random.Shared.NextBytes(blob);

        var echo = Task.Run(async () =>
        {
            var fin = false;
            while (!fin && await walk.Runtime.ReadAsync(walk.Ct) is { } frame)
            {
                fin = frame.Fin;
                await walk.Runtime.SendDataAsync(walk.Streams["stdout"], frame.Data, fin, walk.Ct);
            }

            await walk.Runtime.SendDataAsync(walk.Streams["error"], Encoding.UTF8.GetBytes(Success), fin: true, walk.Ct);
        });
        var send = Task.Run(async () =>
        {
            foreach (var part in blob.Chunk(100_000))
            {
                await walk.SendAsync(0, part);
            }

            await walk.SendAsync(255, [0]);
        });

        var received = new MemoryStream();
        while (await walk.ReceiveAsync() is { } message)
        {
            if (message.Channel == 1)
            {
                received.Write(message.Data);
            }
        }

        await Task.WhenAll(echo, send);
        Assert.True(blob.AsSpan().SequenceEqual(received.ToArray()), $"{received.Length} of {blob.Length} bytes came back, or other ones");
    }

    [Theory]
    [InlineData("v5.channel.k8s.io,v4.channel.k8s.io", "v5.channel.k8s.io")]
    [InlineData("nonsense,v4.channel.k8s.io", "v4.channel.k8s.io")]
    [InlineData("", "")]
    [InlineData("nonsense", null)]
    public void Protocol_is_the_first_known_one(string offered, string? chosen) =>
        Assert.Equal(chosen, ChannelProtocol.Choose(offered.Split(',', StringSplitOptions.RemoveEmptyEntries))?.Name);

    /// <summary>Client, translator and runtime, connected in memory.</summary>
    private sealed class Walk : IAsyncDisposable
    {
        private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(60));
        private readonly Stream[] _ends;
        private readonly WebSocket _client;
        private readonly ChannelSocket _server;
        private readonly SpdyClient _spdy;
        private Task _run = Task.CompletedTask;

        private Walk(string protocol)
        {
            var (clientEnd, serverEnd) = DuplexPipe.Create();
            var (spdyEnd, runtimeEnd) = DuplexPipe.Create();
            _ends = [clientEnd, serverEnd, spdyEnd, runtimeEnd];
            _client = WebSocket.CreateFromStream(clientEnd, isServer: false, null, TimeSpan.Zero);
            _server = new(WebSocket.CreateFromStream(serverEnd, isServer: true, null, TimeSpan.Zero), ChannelProtocol.Choose([protocol])!);
            _spdy = new(spdyEnd);
            Runtime = new(runtimeEnd);
        }

        public CancellationToken Ct => _timeout.Token;

        public SpdyServerStub Runtime { get; }

        public Dictionary<string, int> Streams { get; } = [];

        public static async Task<Walk> StartAsync(string protocol, RemoteCommandStreams streams)
        {
            var walk = new Walk(protocol);
            walk._run = new RemoteCommandTranslator(walk._server, walk._spdy, streams).RunAsync(walk.Ct);
            var expected = 1 + (streams.Stdin ? 1 : 0) + (streams.Stdout ? 1 : 0) + (streams.Stderr && !streams.Tty ? 1 : 0) + (streams.Tty ? 1 : 0);
            for (var i = 0; i < expected; i++)
            {
                var frame = await walk.Runtime.ReadAsync(walk.Ct);
                Assert.Equal(SpdyFrameType.SynStream, frame!.Type);
                walk.Streams[frame.Headers["streamtype"]] = frame.StreamId;
            }

            return walk;
        }

        public ValueTask SendAsync(byte channel, byte[] data) =>
            _client.SendAsync(new ReadOnlyMemory<byte>([channel, .. data]), WebSocketMessageType.Binary, endOfMessage: true, Ct);

        public async Task<(byte Channel, byte[] Data)?> ReceiveAsync()
        {
            var message = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (true)
            {
                var result = await _client.ReceiveAsync(buffer.AsMemory(), Ct);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                message.Write(buffer, 0, result.Count);
                if (result.EndOfMessage)
                {
                    var bytes = message.ToArray();
                    return (bytes[0], bytes[1..]);
                }
            }
        }

        public async Task<List<string>> ReceiveAllAsync()
        {
            var all = new List<string>();
            while (await ReceiveAsync() is { } message)
            {
                all.Add($"{message.Channel}:{Encoding.UTF8.GetString(message.Data)}");
            }

            return [.. all, "closed"];
        }

        public async ValueTask DisposeAsync()
        {
            await _timeout.CancelAsync();
            await _run.ContinueWith(_ => { }, TaskScheduler.Default);
            _client.Dispose();
            _server.Dispose();
            _spdy.Dispose();
            Runtime.Dispose();
            foreach (var end in _ends)
            {
                await end.DisposeAsync();
            }

            _timeout.Dispose();
        }
    }
}
