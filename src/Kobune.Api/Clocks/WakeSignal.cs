using System.Threading.Channels;

namespace Kobune.Api.Clocks;

/// <summary>Wakes a loop that looks at everything when something has changed: one look serves all changes so far.</summary>
public sealed class WakeSignal(TimeProvider time)
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something has changed.</summary>
    public void Wake() => _changes.Writer.TryWrite(true);

    /// <summary>Takes back what nobody has been woken for yet: a look that begins now sees it.</summary>
    public void Forget() => _changes.Reader.TryRead(out _);

    /// <summary>Waits for a change.</summary>
    public Task WaitAsync(CancellationToken ct) => WaitAsync(null, ct);

    /// <summary>Waits for a change; at most so long, or for ever.</summary>
    public async Task WaitAsync(TimeSpan? atMost, CancellationToken ct)
    {
        await using var timer = atMost is { } pause ? time.CreateTimer(_ => Wake(), null, pause > TimeSpan.Zero ? pause : TimeSpan.Zero, Timeout.InfiniteTimeSpan) : null;
        await _changes.Reader.ReadAsync(ct);
    }
}
