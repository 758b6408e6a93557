namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>
/// Time that goes on as it does (retries come, no two events have one timestamp) and that a test can move forward. Timers of a few seconds do not jump:
/// they are about the machine (how long a runner waits for its caches), not about what the test tells.
/// </summary>
internal sealed class JumpingTime : TimeProvider
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly HashSet<JumpingTimer> _timers = [];
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return System.GetUtcNow() + _ahead;
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return System.GetTimestamp() + (_ahead.Ticks * (System.TimestampFrequency / TimeSpan.TicksPerSecond));
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new JumpingTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves time on; what becomes due fires soon.</summary>
    public void Advance(TimeSpan by)
    {
        List<JumpingTimer> timers;
        lock (_lock)
        {
            _ahead += by;
            timers = [.. _timers];
        }

        timers.ForEach(t => t.Jump(by));
    }

    private sealed class JumpingTimer : ITimer
    {
        private readonly JumpingTime _time;
        private readonly ITimer _real;
        private DateTimeOffset? _due;
        private TimeSpan _period;
        private bool _isShort;

        public JumpingTimer(JumpingTime time, TimerCallback callback, object? state)
        {
            _time = time;
            _real = System.CreateTimer(
                _ =>
                {
                    bool isDue;
                    lock (_time._lock)
                    {
                        isDue = _due <= _time.GetUtcNow(); // not when it was armed anew after the machine's timer had fired
                        _due = !isDue ? _due : _period > TimeSpan.Zero ? _time.GetUtcNow() + _period : null;
                    }

                    Arm();
                    if (isDue)
                    {
                        callback(state);
                    }
                },
                null,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
            lock (time._lock)
            {
                time._timers.Add(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_time._lock)
            {
                _period = period;
                _isShort = dueTime <= Short;
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : _time.GetUtcNow() + dueTime;
            }

            return Arm();
        }

        /// <summary>The clock has moved on by so much.</summary>
        public void Jump(TimeSpan by)
        {
            lock (_time._lock)
            {
                _due = _isShort ? _due + by : _due;
            }

            Arm();
        }

        private bool Arm()
        {
            lock (_time._lock)
            {
                var left = _due - _time.GetUtcNow();
                return _real.Change(left is null ? Timeout.InfiniteTimeSpan : left > TimeSpan.Zero ? left.Value : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            lock (_time._lock)
            {
                _time._timers.Remove(this);
            }

            _real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
