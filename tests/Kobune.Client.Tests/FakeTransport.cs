using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client.Tests;

/// <summary>A transport whose answers the test writes: a function for requests and lists, and a script of watches that are handed out in order.</summary>
internal sealed class FakeTransport : ITransport
{
    private readonly Channel<Channel<ApiWatchEvent>> _watches = Channel.CreateUnbounded<Channel<ApiWatchEvent>>();
    private readonly Channel<string> _requests = Channel.CreateUnbounded<string>();

    public Func<ApiRequest, ApiResponse> Answer { get; set; } = _ => Refusal(404, StatusReason.NotFound);

    public Func<ApiRequest, ApiList> List { get; set; } = _ => new([], "1", null);

    /// <summary>What came in, "GET /api/v1/pods?...".</summary>
    public ValueTask<string> NextRequest() => _requests.Reader.ReadAsync();

    /// <summary>The next watch that a client opens.</summary>
    public Channel<ApiWatchEvent> AddWatch()
    {
        var watch = Channel.CreateUnbounded<ApiWatchEvent>();
        _watches.Writer.TryWrite(watch);
        return watch;
    }

    public ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        Note(request);
        return new(Answer(request));
    }

    public ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        Note(request);
        return new(List(request));
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        Note(request);
        var watch = await _watches.Reader.ReadAsync(ct);
        await foreach (var change in watch.Reader.ReadAllAsync(ct))
        {
            yield return change;
        }
    }

    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct) => throw new NotSupportedException();

    public static ApiResponse Refusal(int code, string reason, string message = "no") => new(code, Encode(new Status { StatusValue = "Failure", Code = code, Reason = reason, Message = message }));

    public static EncodedObject Encode(IJsonWritable obj) => new(JsonText.Bytes(obj));

    public static ApiWatchEvent Event(string type, IJsonWritable obj) => new(type, Encode(obj));

    private void Note(ApiRequest request) => _requests.Writer.TryWrite(request.Method + " " + request.PathAndQuery);
}
