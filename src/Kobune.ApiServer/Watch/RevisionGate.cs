using Kobune.Api.Clocks;

namespace Kobune.ApiServer.Watch;

/// <summary>How far the feed has come, and those who wait until it has come further.</summary>
internal sealed class RevisionGate(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource<bool>, long> _waiting = new();
    private long _revision;

    public long Revision => Volatile.Read(ref _revision);

    /// <summary>Lets those through who wait for up to <paramref name="revision"/>.</summary>
    public void Advance(long revision)
    {
        lock (_lock)
        {
            if (revision <= _revision)
            {
                return;
            }

            Volatile.Write(ref _revision, revision);
            while (_waiting.TryPeek(out var waiter, out var wanted) && wanted <= revision)
            {
                _waiting.Dequeue();
                waiter.TrySetResult(true);
            }
        }
    }

    /// <summary>Waits until the feed has reached a revision; false when it has not within <paramref name="timeout"/>.</summary>
    public async ValueTask<bool> WaitAsync(long revision, TimeSpan timeout, CancellationToken ct)
    {
        if (Revision >= revision)
        {
            return true;
        }

        TaskCompletionSource<bool> waiter;
        lock (_lock)
        {
            if (_revision >= revision)
            {
                return true;
            }

            waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter, revision);
        }

        await using var late = time.CreateTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), waiter, timeout, Timeout.InfiniteTimeSpan);
        using var cancelled = ct.Cancels(waiter);
        return await waiter.Task || Revision >= revision;
    }
}
