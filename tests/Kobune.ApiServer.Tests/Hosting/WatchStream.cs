using System.Text.Json.Nodes;
using Kobune.Api;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>A watch read event by event, each within a generous time.</summary>
internal sealed class WatchStream(IAsyncEnumerable<(string Type, EncodedObject Object)> events) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<(string Type, EncodedObject Object)> _events = events.GetAsyncEnumerator();
    private string _last = "nothing";

    public async Task<(string Type, JsonObject Object)> NextAsync()
    {
        var next = _events.MoveNextAsync().AsTask();
        try
        {
            Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(30)), $"the watch ended after {_last}; an event was expected");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"no event came within 30 s; the last was {_last}");
        }

        var (type, obj) = _events.Current;
        var tree = (JsonObject)JsonNode.Parse(obj.Json.Span)!;
        _last = $"{type} {tree["metadata"]?["name"]} at {tree["metadata"]?["resourceVersion"]}";
        return (type, tree);
    }

    /// <summary>Type and name of the next event.</summary>
    public async Task<string> NextTextAsync()
    {
        var (type, obj) = await NextAsync();
        return $"{type} {obj["metadata"]?["name"]}".TrimEnd();
    }

    public async Task EndsAsync() => Assert.False(await _events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)), "the watch goes on; its end was expected");

    public async ValueTask DisposeAsync() => await _events.DisposeAsync();
}
