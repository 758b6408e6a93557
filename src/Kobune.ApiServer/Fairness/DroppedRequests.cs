using System.Collections.Concurrent;

namespace Kobune.ApiServer.Fairness;

/// <summary>
/// After how many seconds a refused client should come again: doubles while a priority level goes on refusing, sinks by one when it does not.
/// Source: k8s.io/apiserver, util/flowcontrol (dropped_requests_tracker.go).
/// </summary>
internal sealed class DroppedRequests(TimeProvider time)
{
    private const long MostSeconds = 32;

    private readonly ConcurrentDictionary<string, Level> _levels = new(StringComparer.Ordinal);

    /// <summary>Notes a refusal.</summary>
    public void Record(string level) => _levels.GetOrAdd(level, static _ => new()).Record(time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>What Retry-After says.</summary>
    public int RetryAfter(string level) => _levels.TryGetValue(level, out var known) ? (int)known.RetryAfter : 1;

    private sealed class Level
    {
        private readonly Lock _gate = new();
        private readonly List<(long Second, long Count)> _history = [];
        private long _second;
        private long _count;
        private long _retryAfter = 1;
        private long _updated;

        public long RetryAfter => Interlocked.Read(ref _retryAfter);

        public void Record(long second)
        {
            lock (_gate)
            {
                if (second == _second)
                {
                    _count++;
                    return;
                }

                _history.Add((_second, _count));
                var kept = Math.Min(2 * _retryAfter, MostSeconds);
                var last = _second;
                _history.RemoveAll(h => last - h.Second > kept);
                (_second, _count) = (second, 1);
                Update(second);
            }
        }

        private void Update(long now)
        {
            var wait = _retryAfter;
            var dropped = _history.Where(h => now - h.Second <= wait && h.Second < now).Sum(h => h.Count);
            if (now - _updated >= wait && dropped >= 3 * wait)
            {
                Interlocked.Exchange(ref _retryAfter, Math.Min(2 * wait, MostSeconds));
                _updated = now;
            }
            else if (dropped < wait && wait > 1)
            {
                Interlocked.Exchange(ref _retryAfter, wait - 1);
                _updated = now;
            }
        }
    }
}
