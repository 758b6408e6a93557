using Kobune.Api.Clocks;

namespace Kobune.Testing.Time;

/// <summary>
/// A cluster's clock in the test's hand. It stands still until it is advanced; then timers fire in due order, and between two due times everything that
/// they set going comes to rest first: no key waits in a queue, no event is on its way to a cache, no call goes on. Nothing sleeps. Only a call of
/// the test's own client that waits for time moves the clock by itself, as far as the call needs.
/// </summary>
public sealed class TestClock : TimeProvider, IDiceClock, IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SortedSet<ClockTimer> _timers = new(Comparer<ClockTimer>.Create(static (left, right) =>
        left.Due!.Value.CompareTo(right.Due!.Value) is not 0 and var order ? order : left.Sequence.CompareTo(right.Sequence)));

    private long _now;
    private long _sequence;

    internal TestClock(DateTimeOffset start, int seed)
    {
        _now = start.UtcTicks;
        Dice = new LockedDice(seed);
    }

    /// <inheritdoc/>
    public Random Dice { get; }

    /// <summary>How many instants had timers so far.</summary>
    public long Steps { get; private set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    internal ClusterScheduler Scheduler { get; } = new();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _now), TimeSpan.Zero);

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _now);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ClockTimer(this, callback, state);
        Arm(timer, dueTime, period);
        return timer;
    }

    /// <summary>Waits until the cluster has nothing left to do at this instant.</summary>
    public Task SettleAsync(CancellationToken ct = default) => AdvanceAsync(TimeSpan.Zero, ct);

    /// <summary>Lets time pass. Returns when the cluster has come to rest at the new instant.</summary>
    public async Task AdvanceAsync(TimeSpan span, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        await _turn.WaitAsync(ct);
        try
        {
            var target = Volatile.Read(ref _now) + span.Ticks;
            await Scheduler.QuietAsync(ct);
            while (FireNext(target))
            {
                await Scheduler.QuietAsync(ct);
            }

            Volatile.Write(ref _now, Math.Max(target, Volatile.Read(ref _now)));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets time pass, timer by timer, until something is so.</summary>
    /// <exception cref="TimeoutException">It was not so within <paramref name="atMost"/> of the cluster's time.</exception>
    public async Task AdvanceUntilAsync(Func<Task<bool>> isSo, TimeSpan atMost, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(isSo);
        var end = GetUtcNow() + atMost;
        await SettleAsync(ct);
        while (!await isSo())
        {
            var next = NextDue();
            if (next is null || next > end)
            {
                throw new TimeoutException($"It was not so until {end:O}: the cluster rests, and {(next is { } due ? $"its next timer is due at {due:O}" : "it has no timer")}.");
            }

            await AdvanceAsync(next.Value - GetUtcNow() is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero, ct);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>Runs a call of the test inside of the cluster. Where it waits for time, it gets it.</summary>
    internal async Task<T> CompleteAsync<T>(Func<Task<T>> call, CancellationToken ct)
    {
        await Scheduler.QuietAsync(ct); // so that it does not depend on real time what the cluster has done before
        var task = Scheduler.RunAsync(call);
        while (await Task.WhenAny(task, Scheduler.QuietAsync(ct)) != task && !task.IsCompleted)
        {
            await _turn.WaitAsync(ct);
            try
            {
                await Scheduler.QuietAsync(ct);
                if (!task.IsCompleted && !FireNext(long.MaxValue))
                {
                    break;
                }
            }
            finally
            {
                _turn.Release();
            }
        }

        // What the test does next without a call (a fault, a node that it stops) must not meet what the call has set going, sooner or later as the machine is busy.
        await Scheduler.IdleAsync(ct);
        return await task;
    }

    internal bool Arm(ClockTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            if (timer.IsDisposed)
            {
                return false;
            }

            Remove(timer);
            timer.Period = period > TimeSpan.Zero ? period.Ticks : 0;
            if (dueTime >= TimeSpan.Zero)
            {
                Add(timer, _now + dueTime.Ticks);
            }
        }

        if (dueTime == TimeSpan.Zero)
        {
            Scheduler.Post(() => FireNext(Volatile.Read(ref _now)));
        }

        return true;
    }

    internal void Disarm(ClockTimer timer)
    {
        lock (_lock)
        {
            timer.IsDisposed = true;
            Remove(timer);
        }
    }

    private DateTimeOffset? NextDue()
    {
        lock (_lock)
        {
            return _timers.Min is { Due: { } due } ? new(due, TimeSpan.Zero) : null;
        }
    }

    /// <summary>Goes to the next due time and fires its timers in the order in which they were armed. False when there is none up to an instant.</summary>
    private bool FireNext(long until)
    {
        var fired = new List<ClockTimer>();
        lock (_lock)
        {
            if (_timers.Min is not { Due: { } due } || due > until)
            {
                return false;
            }

            Volatile.Write(ref _now, Math.Max(_now, due));
            Steps++;
            while (_timers.Min is { } timer && timer.Due == due)
            {
                Remove(timer);
                fired.Add(timer);
            }

            foreach (var timer in fired.Where(t => t.Period > 0))
            {
                Add(timer, due + timer.Period);
            }
        }

        foreach (var timer in fired)
        {
            Scheduler.Post(timer.Fire);
        }

        return true;
    }

    private void Add(ClockTimer timer, long due)
    {
        timer.Due = due;
        timer.Sequence = _sequence++;
        _timers.Add(timer);
    }

    private void Remove(ClockTimer timer)
    {
        if (timer.Due is not null)
        {
            _timers.Remove(timer);
            timer.Due = null;
        }
    }
}
