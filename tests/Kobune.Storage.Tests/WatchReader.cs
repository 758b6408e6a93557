namespace Kobune.Storage.Tests;

/// <summary>Reads one watch in a test: batches with a time-out that says what was awaited.</summary>
internal sealed class WatchReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly IAsyncEnumerator<StoreWatchBatch> _batches;
    private readonly Queue<StoreEvent> _events = [];

    private WatchReader(IStore store, string prefix, long after) => _batches = store.WatchAsync(prefix, after, _stop.Token).GetAsyncEnumerator(_stop.Token);

    public StoreWatchBatch? Last { get; private set; }

    /// <summary>Arms a watch: returns after its first batch.</summary>
    public static async Task<WatchReader> StartAsync(IStore store, string prefix, long after)
    {
        var reader = new WatchReader(store, prefix, after);
        await reader.BatchAsync("the first batch");
        return reader;
    }

    public async Task<StoreWatchBatch> BatchAsync(string what)
    {
        try
        {
            Assert.True(await _batches.MoveNextAsync().AsTask().WaitAsync(Patience, _stop.Token), $"the watch ended without a reason while {what} was awaited");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"no batch within {Patience} while {what} was awaited; last was {Last}");
        }

        Last = _batches.Current;
        foreach (var change in Last.Events)
        {
            _events.Enqueue(change);
        }

        return Last;
    }

    /// <summary>The next events, as "PUT key=value was old @revision" texts.</summary>
    public async Task<string[]> EventsAsync(int count)
    {
        while (_events.Count < count)
        {
            var batch = await BatchAsync($"event {_events.Count + 1} of {count}");
            Assert.Equal(StoreWatchEnd.None, batch.End);
        }

        return [.. Enumerable.Range(0, count).Select(_ => Describe(_events.Dequeue()))];
    }

    public async Task<StoreWatchEnd> EndAsync()
    {
        while (Last!.End == StoreWatchEnd.None)
        {
            await BatchAsync("the end of the watch");
        }

        Assert.False(await _batches.MoveNextAsync(), "nothing follows the end");
        return Last.End;
    }

    public int Unread => _events.Count;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _batches.DisposeAsync();
        _stop.Dispose();
    }

    public static string Describe(StoreEvent change)
    {
        var previous = change.Previous is { } old ? $" was {old.Text()}@{old.ModRevision}" : "";
        if (change.Item is not { } item)
        {
            return $"DELETE {change.Key}{previous} @{change.Revision}";
        }

        Assert.Equal(change.Revision, item.ModRevision);
        return $"PUT {change.Key}={item.Text()}{previous} @{change.Revision}";
    }
}
