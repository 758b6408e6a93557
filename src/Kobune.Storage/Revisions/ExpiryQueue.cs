namespace Kobune.Storage.Revisions;

/// <summary>Versions with a time to live, ordered by deadline, and one timer for the earliest. Every member is called under the store's gate.</summary>
internal sealed class ExpiryQueue(TimeProvider time, Action expire) : IDisposable
{
    /// <summary>Timers cannot be set farther than some weeks ahead.</summary>
    private static readonly TimeSpan FarthestTimer = TimeSpan.FromDays(1);

    private readonly PriorityQueue<VersionRef, long> _queue = new();
    private ITimer? _timer;
    private long _timerDeadline = long.MaxValue;

    /// <summary>The instant that a time to live from now on ends, in Unix milliseconds.</summary>
    public static long Deadline(TimeProvider time, TimeSpan? timeToLive) =>
        timeToLive is { } span ? time.GetUtcNow().ToUnixTimeMilliseconds() + Math.Max(1, (long)Math.Ceiling(span.TotalMilliseconds)) : 0;

    public void Add(string key, KeyVersion version, long deadline)
    {
        _queue.Enqueue(new VersionRef(key, version), deadline);
        if (deadline < _timerDeadline)
        {
            SetTimer(deadline);
        }
    }

    /// <summary>Takes the versions whose time is up; some may have been replaced since. Sets the timer for the next.</summary>
    public List<VersionRef> TakeDue()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var due = new List<VersionRef>();
        _timerDeadline = long.MaxValue;
        while (_queue.TryPeek(out var item, out var deadline))
        {
            if (deadline > now)
            {
                SetTimer(deadline);
                break;
            }

            _queue.Dequeue();
            due.Add(item);
        }

        return due;
    }

    /// <summary>When each version expires, in Unix milliseconds.</summary>
    public Dictionary<KeyVersion, long> Deadlines()
    {
        var all = new Dictionary<KeyVersion, long>();
        foreach (var (item, deadline) in _queue.UnorderedItems)
        {
            all[item.Version] = deadline;
        }

        return all;
    }

    public void Dispose() => _timer?.Dispose();

    private void SetTimer(long deadline)
    {
        _timerDeadline = deadline;
        var wait = TimeSpan.FromMilliseconds(Math.Clamp(deadline - time.GetUtcNow().ToUnixTimeMilliseconds(), 0, (long)FarthestTimer.TotalMilliseconds));
        if (_timer is null)
        {
            _timer = time.CreateTimer(static state => ((Action)state!)(), expire, wait, Timeout.InfiniteTimeSpan);
            return;
        }

        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }
}
