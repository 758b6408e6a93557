using System.Threading.Channels;
using Kobune.Api.Clocks;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Watch;

/// <summary>One watch: a filter and a bounded queue. The feed writes and never waits: a full queue cuts the watch with 410.</summary>
internal sealed class CacheWatcher
{
    /// <summary>Changes that may wait for one watcher: enough for a burst that a live reader drains in milliseconds.</summary>
    public const int QueueLength = 4096;

    private readonly Channel<WatchEvent> _queue = Channel.CreateBounded<WatchEvent>(new BoundedChannelOptions(QueueLength)
    {
        SingleReader = true,
        SingleWriter = true,
        FullMode = BoundedChannelFullMode.Wait,
    });

    private readonly EntryFilter _filter;
    private TaskCompletionSource<bool>? _reader;
    private long _stamp;

    public CacheWatcher(EntryFilter filter, long afterRevision)
    {
        _filter = filter;
        AfterRevision = afterRevision;
    }

    public EntryFilter Filter => _filter;

    /// <summary>Changes up to here are not sent.</summary>
    public long AfterRevision { get; }

    public ChannelReader<WatchEvent> Events => _queue.Reader;

    /// <summary>Set when the queue overflowed or the cache was refilled; the reader ends with it after what is queued.</summary>
    public StatusException? End { get; private set; }

    /// <summary>The event of a change for a filter, or null when neither side of the change is wanted.</summary>
    public static WatchEvent? EventOf(EntryFilter filter, CacheChange change)
    {
        var had = change.Previous is { } previous && filter.Matches(previous);
        var has = change.Current is { } current && filter.Matches(current);
        return (had, has) switch
        {
            (false, true) => new(WatchEventType.Added, change.Current),
            (true, true) => new(WatchEventType.Modified, change.Current),
            (true, false) => new(WatchEventType.Deleted, change.Last),
            _ => null,
        };
    }

    /// <summary>Offers a change. A watcher that is found under two keys of the index sees it once (<paramref name="stamp"/> numbers the changes).</summary>
    public void Offer(CacheChange change, long stamp)
    {
        if (_stamp == stamp || End is not null || change.Revision <= AfterRevision)
        {
            return;
        }

        _stamp = stamp;
        if (EventOf(_filter, change) is not { } what)
        {
            return;
        }

        if (_queue.Writer.TryWrite(what))
        {
            WakeReader();
        }
        else
        {
            Cut(StatusErrors.Expired($"too old resource version: the watch read too slowly and was cut at {change.Revision}"));
        }
    }

    /// <summary>Ends the watch after what is queued.</summary>
    public void Cut(StatusException? why)
    {
        End ??= why;
        _queue.Writer.TryComplete();
        WakeReader();
    }

    /// <summary>The one reader waits until there is something to read or the watch has ended; false when neither came in time.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken ct)
    {
        var reader = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _reader, reader);
        if (Events.TryPeek(out _) || Events.Completion.IsCompleted)
        {
            return true; // it came before the writer could see who waits
        }

        await using var late = time.CreateTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), reader, patience, Timeout.InfiniteTimeSpan);
        using var cancelled = ct.Cancels(reader);
        return await reader.Task;
    }

    private void WakeReader() => Interlocked.Exchange(ref _reader, null)?.TrySetResult(true);
}
