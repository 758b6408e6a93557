using Kobune.Api.Clocks;
using Kobune.Client.Metrics;

namespace Kobune.Client.Controllers;

/// <summary>
/// A queue of keys: a key waits at most once, is never with two workers at once, and one that is added while it is worked on comes again
/// afterwards. Delayed and rate-limited adds share one timer. Source: client-go, util/workqueue.
/// </summary>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly BackoffOptions _backoff;
    private readonly WorkQueueMeter? _meter;
    private readonly Action<TKey>? _deferred;
    private readonly Queue<(TKey Key, long Since)> _queue = new();
    private readonly HashSet<TKey> _dirty; // wait in the queue, or will when their worker is done
    private readonly Dictionary<TKey, long> _processing; // and since when, where it is measured
    private readonly Dictionary<TKey, int> _failures;
    private readonly Dictionary<TKey, DateTimeOffset> _due;
    private readonly PriorityQueue<TKey, DateTimeOffset> _waiting = new();
    private readonly LinkedList<TaskCompletionSource> _takers = new();
    private readonly ITimer _timer;

    /// <summary>An empty queue.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="backoff">Of failing keys.</param>
    /// <param name="comparer">Of keys.</param>
    /// <param name="meter">Makes what counts its keys, and may read its state.</param>
    /// <param name="deferred">Told of each key that is added while it is worked on.</param>
    public WorkQueue(TimeProvider time, BackoffOptions? backoff = null, IEqualityComparer<TKey>? comparer = null, Func<Func<WorkQueueState>, WorkQueueMeter>? meter = null, Action<TKey>? deferred = null)
    {
        _deferred = deferred;
        _time = time;
        _backoff = backoff ?? new();
        _dirty = new(comparer);
        _processing = new(comparer);
        _failures = new(comparer);
        _due = new(comparer);
        _meter = meter?.Invoke(State);
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that a worker could take now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Whether nothing waits, is delayed or is worked on.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count == 0 && _dirty.Count == 0 && _processing.Count == 0 && _due.Count == 0;
            }
        }
    }

    /// <summary>Adds a key unless it waits already.</summary>
    public void Add(TKey key)
    {
        bool isDeferred;
        lock (_lock)
        {
            isDeferred = AddLocked(key);
        }

        if (isDeferred)
        {
            _deferred?.Invoke(key);
        }
    }

    /// <summary>Whether a key waits for its turn, or will when its worker is done.</summary>
    public bool IsWaiting(TKey key)
    {
        lock (_lock)
        {
            return _dirty.Contains(key);
        }
    }

    /// <summary>Adds a key after a delay; of several delays for a key the earliest holds.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        lock (_lock)
        {
            var due = _time.GetUtcNow() + delay;
            if (_due.TryGetValue(key, out var known) && known <= due)
            {
                return;
            }

            _due[key] = due;
            _waiting.Enqueue(key, due);
            Arm();
        }
    }

    /// <summary>Adds a key after its back-off, which grows with each call until <see cref="Forget"/>.</summary>
    public void AddRateLimited(TKey key)
    {
        int failures;
        lock (_lock)
        {
            failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            _meter?.Retried();
        }

        AddAfter(key, _backoff.After(failures));
    }

    /// <summary>The key succeeded: its back-off starts anew.</summary>
    public void Forget(TKey key)
    {
        lock (_lock)
        {
            _failures.Remove(key);
        }
    }

    /// <summary>Failures of a key since it was forgotten.</summary>
    public int Failures(TKey key)
    {
        lock (_lock)
        {
            return _failures.GetValueOrDefault(key);
        }
    }

    /// <summary>The next key; its taker calls <see cref="Done"/>.</summary>
    public async ValueTask<TKey> TakeAsync(CancellationToken ct)
    {
        while (true)
        {
            LinkedListNode<TaskCompletionSource> taker;
            lock (_lock)
            {
                if (_queue.TryDequeue(out var next))
                {
                    _meter?.Taken(_time.GetElapsedTime(next.Since));
                    _processing.Add(next.Key, Now());
                    _dirty.Remove(next.Key);
                    return next.Key;
                }

                taker = _takers.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            try
            {
                using var cancelled = ct.Cancels(taker.Value);
                await taker.Value.Task;
            }
            catch (OperationCanceledException)
            {
                GiveUp(taker);
                throw;
            }
        }
    }

    /// <summary>The work on a key has ended.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            if (!_processing.Remove(key, out var since))
            {
                return;
            }

            _meter?.Done(_time.GetElapsedTime(since));
            if (_dirty.Contains(key))
            {
                Enqueue(key);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
    }

    /// <summary>Whether the key came to wait for the worker that has it.</summary>
    private bool AddLocked(TKey key)
    {
        if (!_dirty.Add(key))
        {
            return false;
        }

        _meter?.Added();
        if (_processing.ContainsKey(key))
        {
            return true;
        }

        Enqueue(key);
        return false;
    }

    private void Enqueue(TKey key)
    {
        _queue.Enqueue((key, Now()));
        WakeOne();
    }

    private long Now() => _meter is null ? 0 : _time.GetTimestamp();

    private WorkQueueState State()
    {
        lock (_lock)
        {
            return new(_queue.Count, [.. _processing.Values.Select(since => _time.GetElapsedTime(since))]);
        }
    }

    private void WakeOne()
    {
        while (_takers.First is { } first)
        {
            _takers.RemoveFirst();
            if (first.Value.TrySetResult())
            {
                return;
            }
        }
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource> taker)
    {
        lock (_lock)
        {
            if (taker.List is not null)
            {
                _takers.Remove(taker);
            }
        }
    }

    private void Wake()
    {
        List<TKey>? deferred = null;
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            while (_waiting.TryPeek(out var key, out var due) && due <= now)
            {
                _waiting.Dequeue();
                if (_due.TryGetValue(key, out var valid) && valid == due)
                {
                    _due.Remove(key);
                    if (AddLocked(key))
                    {
                        (deferred ??= []).Add(key);
                    }
                }
            }

            Arm();
        }

        deferred?.ForEach(key => _deferred?.Invoke(key));
    }

    private void Arm()
    {
        // Entries that an earlier due time overtook are dropped here, so that the timer does not fire for them.
        while (_waiting.TryPeek(out var key, out var due) && !(_due.TryGetValue(key, out var valid) && valid == due))
        {
            _waiting.Dequeue();
        }

        if (_waiting.TryPeek(out _, out var next))
        {
            var delay = next - _time.GetUtcNow();
            var max = TimeSpan.FromDays(40); // a timer takes no more than 49 days; it is armed again when it fires early
            _timer.Change(delay <= TimeSpan.Zero ? TimeSpan.Zero : delay > max ? max : TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }
}
