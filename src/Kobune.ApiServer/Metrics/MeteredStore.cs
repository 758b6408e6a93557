using Kobune.ApiServer.Registry;
using Kobune.Storage;

namespace Kobune.ApiServer.Metrics;

/// <summary>Counts and times what the server asks of its store, per operation and resource. Source: upstream's etcd3 metrics.</summary>
internal sealed class MeteredStore(IStore inner, ResourceRegistry registry, ApiMetrics metrics, TimeProvider time) : IStore
{
    public ValueTask<long> GetRevisionAsync(CancellationToken ct) => inner.GetRevisionAsync(ct);

    public ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken ct) => MeasureAsync("get", key, inner.GetAsync(key, revision, ct));

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken ct) => MeasureAsync("list", request.Prefix, inner.RangeAsync(request, ct));

    public ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken ct)
    {
        var first = transaction.Operations.Count > 0 ? transaction.Operations[0] : default;
        if (first.Key is null)
        {
            return inner.CommitAsync(transaction, ct);
        }

        var operation = first.Value is null ? "delete" : transaction.Compares.Any(c => c.Key == first.Key && c.ModRevision == 0) ? "create" : "update";
        return MeasureAsync(operation, first.Key, inner.CommitAsync(transaction, ct));
    }

    public IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long afterRevision, CancellationToken ct) => inner.WatchAsync(prefix, afterRevision, ct);

    public ValueTask RequestProgressAsync(string prefix, CancellationToken ct) => inner.RequestProgressAsync(prefix, ct);

    public ValueTask CompactAsync(long revision, CancellationToken ct) => inner.CompactAsync(revision, ct);

    public ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken ct) => inner.GetStatisticsAsync(ct);

    /// <summary>The store is its owner's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<T> MeasureAsync<T>(string operation, string key, ValueTask<T> work)
    {
        var start = time.GetTimestamp();
        var failed = true;
        try
        {
            var result = await work;
            failed = false;
            return result;
        }
        finally
        {
            if (registry.FindByKey(key)?.Schema is { } schema)
            {
                metrics.Stored(operation, schema.Group, schema.Plural, time.GetElapsedTime(start), failed);
            }
        }
    }
}
