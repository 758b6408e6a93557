using System.Collections.Concurrent;
using Kobune.Storage;
using Kobune.Storage.Memory;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>A store that remembers what is written, and in which somebody else may have been faster: the first new ConfigMaps have names that are taken.</summary>
internal sealed class TakenNames : IStore
{
    private readonly MemoryStore _inner = new();

    /// <summary>How many more are taken.</summary>
    public int Refuse { get; set; }

    /// <summary>All that was written.</summary>
    public ConcurrentQueue<Transaction> Seen { get; } = new();

    public ValueTask<long> GetRevisionAsync(CancellationToken ct) => _inner.GetRevisionAsync(ct);

    public ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken ct) => _inner.GetAsync(key, revision, ct);

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken ct) => _inner.RangeAsync(request, ct);

    public async ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken ct)
    {
        Seen.Enqueue(transaction);
        if (Refuse > 0 && transaction.Compares.Any(c => c.Key.StartsWith("/registry/configmaps/", StringComparison.Ordinal)))
        {
            Refuse--;
            await _inner.CommitAsync(transaction, ct);
        }

        return await _inner.CommitAsync(transaction, ct);
    }

    public IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long afterRevision, CancellationToken ct) => _inner.WatchAsync(prefix, afterRevision, ct);

    public ValueTask RequestProgressAsync(string prefix, CancellationToken ct) => _inner.RequestProgressAsync(prefix, ct);

    public ValueTask CompactAsync(long revision, CancellationToken ct) => _inner.CompactAsync(revision, ct);

    public ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken ct) => _inner.GetStatisticsAsync(ct);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
