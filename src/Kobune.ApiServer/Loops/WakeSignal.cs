using System.Threading.Channels;

namespace Kobune.ApiServer.Loops;

/// <summary>Wakes a loop that looks at everything when something has changed: one look serves all changes so far.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something has changed.</summary>
    public void Wake() => _changes.Writer.TryWrite(true);

    /// <summary>Wakes at every change of a cache, and for what changed before the watch began.</summary>
    public Task FollowAsync(Watch.ResourceCache cache, CancellationToken ct) => CacheFollower.RunAsync(cache, _ => Wake(), _ => Wake(), ct);

    /// <summary>Waits for a change; at most so long, or for ever.</summary>
    public async Task WaitAsync(TimeSpan? atMost, CancellationToken ct)
    {
        await using var timer = atMost is { } pause ? time.CreateTimer(_ => Wake(), null, pause > TimeSpan.Zero ? pause : TimeSpan.Zero, Timeout.InfiniteTimeSpan) : null;
        await _changes.Reader.ReadAsync(ct);
    }
}
