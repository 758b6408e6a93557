namespace Kobune.TestTime;

/// <summary>A clock whose timers fire when a test advances it.</summary>
internal sealed class TimerTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50).AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends as soon as a timer runs: what a test then advances is time that somebody waits for.</summary>
    public async Task ArmedAsync(CancellationToken ct)
    {
        while (true)
        {
            Task set;
            lock (_gate)
            {
                if (_timers.Any(t => t.Due != long.MaxValue))
                {
                    return;
                }

                set = _set.Task;
            }

            await set.WaitAsync(ct);
        }
    }

    public void Advance(TimeSpan by)
    {
        ManualTimer[] due;
        lock (_gate)
        {
            _now += by.Ticks;
            due = [.. _timers.Where(t => t.Due <= _now)];
            Array.ForEach(due, t => t.Due = long.MaxValue);
        }

        Array.ForEach(due, t => t.Fire());
    }

    private sealed class ManualTimer(TimerTime time, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; set; } = long.MaxValue;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time._now + dueTime.Ticks;
                time._set.TrySetResult();
                time._set = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (dueTime == TimeSpan.Zero)
            {
                time.Advance(TimeSpan.Zero);
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
