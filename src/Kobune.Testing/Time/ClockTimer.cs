namespace Kobune.Testing.Time;

/// <summary>A timer of a <see cref="TestClock"/>.</summary>
internal sealed class ClockTimer(TestClock clock, TimerCallback callback, object? state) : ITimer
{
    /// <summary>Under the clock's lock: when it fires, in ticks; null while it is not armed.</summary>
    public long? Due { get; set; }

    /// <summary>Under the clock's lock: orders timers of the same instant as they were armed.</summary>
    public long Sequence { get; set; }

    /// <summary>Under the clock's lock: ticks between two firings; 0 for one alone.</summary>
    public long Period { get; set; }

    public bool IsDisposed { get; set; }

    /// <inheritdoc/>
    public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Arm(this, dueTime, period);

    /// <inheritdoc/>
    public void Dispose() => clock.Disarm(this);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Fire()
    {
        if (!IsDisposed)
        {
            callback(state);
        }
    }
}
