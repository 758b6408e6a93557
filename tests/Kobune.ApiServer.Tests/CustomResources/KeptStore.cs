using Kobune.Storage;

namespace Kobune.ApiServer.Tests.CustomResources;

/// <summary>A store that outlives the server which disposes of it.</summary>
internal sealed class KeptStore(IStore inner) : IStore
{
    public ValueTask<long> GetRevisionAsync(CancellationToken ct) => inner.GetRevisionAsync(ct);

    public ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken ct) => inner.GetAsync(key, revision, ct);

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken ct) => inner.RangeAsync(request, ct);

    public ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken ct) => inner.CommitAsync(transaction, ct);

    public IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long afterRevision, CancellationToken ct) => inner.WatchAsync(prefix, afterRevision, ct);

    public ValueTask RequestProgressAsync(string prefix, CancellationToken ct) => inner.RequestProgressAsync(prefix, ct);

    public ValueTask CompactAsync(long revision, CancellationToken ct) => inner.CompactAsync(revision, ct);

    public ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken ct) => inner.GetStatisticsAsync(ct);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
