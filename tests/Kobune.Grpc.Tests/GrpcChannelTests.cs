using Google.Protobuf.WellKnownTypes;
using Kobune.Grpc.Server;

namespace Kobune.Grpc.Tests;

public sealed class GrpcChannelTests : IAsyncLifetime
{
    private static readonly GrpcMethod<StringValue, StringValue> Echo = new("test.Echo/Echo", StringValue.Parser, StringValue.Parser);
    private static readonly GrpcMethod<StringValue, StringValue> Refuse = new("test.Echo/Refuse", StringValue.Parser, StringValue.Parser);
    private static readonly GrpcMethod<StringValue, StringValue> Hang = new("test.Echo/Hang", StringValue.Parser, StringValue.Parser);
    private static readonly GrpcMethod<Int32Value, Int32Value> Count = new("test.Echo/Count", Int32Value.Parser, Int32Value.Parser);
    private static readonly GrpcMethod<Int32Value, Int32Value> Double = new("test.Echo/Double", Int32Value.Parser, Int32Value.Parser);
    private static readonly GrpcMethod<Int32Value, Int32Value> Missing = new("test.Echo/Missing", Int32Value.Parser, Int32Value.Parser);
    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _hungUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcTestServer _server = null!;
    private GrpcChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await GrpcTestServer.StartAsync(endpoints => endpoints
            .MapUnary(Echo, (request, _) => Task.FromResult(request))
            .MapUnary(Refuse, (request, _) => throw new RpcException(StatusCode.NotFound, request.Value))
            .MapUnary(Hang, HangAsync)
            .MapServerStreaming(Count, async (request, respond, _) =>
            {
                for (var i = 0; i < request.Value; i++)
                {
                    await respond(new Int32Value { Value = i });
                }

                if (request.Value == 3)
                {
                    throw new RpcException(StatusCode.OutOfRange, "three is too many");
                }
            })
            .MapDuplex(Double, async (requests, respond, ct) =>
            {
                await foreach (var request in requests.WithCancellation(ct))
                {
                    await respond(new Int32Value { Value = request.Value * 2 });
                }
            }));
        _channel = GrpcChannel.ForUnixSocket(_server.SocketPath, new() { TimeProvider = _time });
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }

    private async Task<StringValue> HangAsync(StringValue request, CancellationToken ct)
    {
        _arrived.TrySetResult();
        using var registration = ct.Register(() => _hungUp.TrySetResult());
        await _hungUp.Task;
        return request;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(3_000_000)]
    public async Task Unary_call_carries_messages_of_any_size(int size)
    {
        var text = new string('x', size);
        var answer = await _channel.UnaryAsync(Echo, new StringValue { Value = text }, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(text, answer.Value);
    }

    [Fact]
    public async Task Failure_carries_code_and_text_of_the_server()
    {
        const string Text = "no such pod: 小舟 100% \"x\"\n";
        var e = await Assert.ThrowsAsync<RpcException>(() => _channel.UnaryAsync(Refuse, new StringValue { Value = Text }, null, CancellationToken.None));
        Assert.Equal(StatusCode.NotFound, e.StatusCode);
        Assert.Equal(Text, e.Detail);
    }

    [Fact]
    public async Task Unknown_method_is_unimplemented()
    {
        var e = await Assert.ThrowsAsync<RpcException>(() => _channel.UnaryAsync(Missing, new Int32Value(), null, CancellationToken.None));
        Assert.Equal(StatusCode.Unimplemented, e.StatusCode);
    }

    [Fact]
    public async Task Deadline_ends_the_call_on_both_sides()
    {
        var call = _channel.UnaryAsync(Hang, new StringValue(), TimeSpan.FromMinutes(2), CancellationToken.None);
        await _arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromMinutes(2));
        var e = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
        await _hungUp.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Cancelling_the_own_token_is_no_rpc_failure()
    {
        using var source = new CancellationTokenSource();
        var call = _channel.UnaryAsync(Hang, new StringValue(), TimeSpan.FromHours(1), source.Token);
        await _arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Server_stream_ends_with_the_server()
    {
        var seen = new List<int>();
        await foreach (var value in _channel.ServerStreamingAsync(Count, new Int32Value { Value = 5 }, null, CancellationToken.None))
        {
            seen.Add(value.Value);
        }

        Assert.Equal([0, 1, 2, 3, 4], seen);
    }

    [Fact]
    public async Task Server_stream_delivers_what_came_before_its_failure()
    {
        var seen = new List<int>();
        var e = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var value in _channel.ServerStreamingAsync(Count, new Int32Value { Value = 3 }, null, CancellationToken.None))
            {
                seen.Add(value.Value);
            }
        });
        Assert.Equal(StatusCode.OutOfRange, e.StatusCode);
        Assert.Equal([0, 1, 2], seen);
    }

    [Fact]
    public async Task Duplex_call_answers_while_requests_still_come()
    {
        using var call = _channel.Duplex(Double, null, CancellationToken.None);
        await using var answers = call.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        for (var i = 1; i <= 3; i++)
        {
            await call.WriteAsync(new Int32Value { Value = i }, CancellationToken.None);
            Assert.True(await answers.MoveNextAsync());
            Assert.Equal(2 * i, answers.Current.Value);
        }

        call.CompleteRequests();
        Assert.False(await answers.MoveNextAsync());
    }

    [Fact]
    public async Task Server_that_is_not_there_is_unavailable_and_may_come_later()
    {
        var path = Path.Combine(Path.GetTempPath(), $"kobune-none-{Guid.NewGuid():N}.sock");
        using var channel = GrpcChannel.ForUnixSocket(path);
        var e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo, new StringValue(), null, CancellationToken.None));
        Assert.Equal(StatusCode.Unavailable, e.StatusCode);

        await using var server = await GrpcTestServer.StartAsync(endpoints => endpoints.MapUnary(Echo, (request, _) => Task.FromResult(request)), path);
        var answer = await channel.UnaryAsync(Echo, new StringValue { Value = "here" }, null, CancellationToken.None);
        Assert.Equal("here", answer.Value);
    }
}
