namespace Kobune.Storage.Revisions;

/// <summary>One watch: a bounded queue between the store, which fills it under its gate, and one reader.</summary>
internal sealed class Watcher(WatchHub hub, string prefix, int limit)
{
    private List<StoreEvent> _pending = [];
    private TaskCompletionSource? _waiting;
    private StoreWatchEnd _end;
    private bool _progressWanted;

    public string Prefix { get; } = prefix;

    /// <summary>Everything up to it was handed to the reader.</summary>
    public long Delivered { get; private set; }

    /// <summary>Under the gate. The events of one commit arrive together.</summary>
    public void Enqueue(StoreEvent change, bool startsCommit)
    {
        if (_end != StoreWatchEnd.None)
        {
            return;
        }

        if (startsCommit && _pending.Count >= limit)
        {
            _pending = [];
            End(StoreWatchEnd.Overflow);
            return;
        }

        _pending.Add(change);
    }

    /// <summary>Under the gate.</summary>
    public void End(StoreWatchEnd reason)
    {
        _end = reason;
        Wake();
    }

    /// <summary>Under the gate.</summary>
    public void RequestProgress()
    {
        _progressWanted = true;
        Wake();
    }

    /// <summary>Under the gate.</summary>
    public void Wake()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }

    /// <summary>Marks what the reader got from the history before the queue began.</summary>
    public void StartAt(long revision) => Delivered = revision;

    /// <summary>What has arrived since the last call, at least one commit, progress that was asked for, or the end.</summary>
    public async ValueTask<StoreWatchBatch> NextAsync(CancellationToken ct)
    {
        while (true)
        {
            TaskCompletionSource waiting;
            lock (hub.Gate)
            {
                if (_pending.Count > 0 || _end != StoreWatchEnd.None || _progressWanted)
                {
                    return Take();
                }

                _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting = _waiting;
            }

            await using var cancelled = ct.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiting);
            await waiting.Task; // not WaitAsync: it would come back by way of the thread pool
        }
    }

    private StoreWatchBatch Take()
    {
        var events = _pending;
        _pending = [];
        _progressWanted = false;
        if (_end != StoreWatchEnd.Overflow)
        {
            Delivered = hub.Revision; // commits queue their events under the gate, so nothing up to here is missing
        }

        return new StoreWatchBatch(events, Delivered, _end);
    }
}
