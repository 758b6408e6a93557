using System.Runtime.CompilerServices;
using Kobune.Storage;

namespace Kobune.ApiServer.Tests.Watch;

/// <summary>A store whose watches can be held back, so that caches stay behind what was acknowledged.</summary>
internal sealed class HeldStore(IStore inner) : IStore
{
    private TaskCompletionSource _open = Opened();

    /// <summary>From now on watches yield nothing.</summary>
    public void Hold() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _open.TrySetResult();

    public ValueTask<long> GetRevisionAsync(CancellationToken ct) => inner.GetRevisionAsync(ct);

    public ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken ct) => inner.GetAsync(key, revision, ct);

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken ct) => inner.RangeAsync(request, ct);

    public ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken ct) => inner.CommitAsync(transaction, ct);

    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var batch in inner.WatchAsync(prefix, afterRevision, ct))
        {
            await _open.Task.WaitAsync(ct);
            yield return batch;
        }
    }

    public ValueTask RequestProgressAsync(string prefix, CancellationToken ct) => inner.RequestProgressAsync(prefix, ct);

    public ValueTask CompactAsync(long revision, CancellationToken ct) => inner.CompactAsync(revision, ct);

    public ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken ct) => inner.GetStatisticsAsync(ct);

    public ValueTask DisposeAsync()
    {
        Release();
        return inner.DisposeAsync();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
