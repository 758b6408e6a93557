using System.Collections.Concurrent;

namespace Kobune.Kubelet.Pods;

/// <summary>
/// client-go's flowcontrol.Backoff as the kubelet uses it: a key's pause doubles from the first to the largest, and is forgotten after twice the
/// largest pause without a failure.
/// </summary>
internal sealed class KubeletBackOff(TimeSpan first, TimeSpan largest, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (TimeSpan Pause, DateTimeOffset Updated)> _entries = new();

    /// <summary>How long from now a key still waits, counted from the event; zero when it need not.</summary>
    internal TimeSpan Remaining(string key, DateTimeOffset since)
    {
        if (!_entries.TryGetValue(key, out var entry) || Expired(since, entry.Updated))
        {
            return TimeSpan.Zero;
        }

        var left = since + entry.Pause - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>The current pause of a key.</summary>
    internal TimeSpan Pause(string key) => _entries.TryGetValue(key, out var entry) ? entry.Pause : TimeSpan.Zero;

    /// <summary>A failure at this moment: the pause grows.</summary>
    internal void Next(string key, DateTimeOffset at)
    {
        var now = time.GetUtcNow();
        _entries.AddOrUpdate(key, (first, now), (_, entry) => (Expired(at, entry.Updated) ? first : TimeSpan.FromTicks(Math.Min(entry.Pause.Ticks * 2, largest.Ticks)), now));
    }

    internal void Forget(string prefix)
    {
        foreach (var key in _entries.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)))
        {
            _entries.TryRemove(key, out _);
        }
    }

    private bool Expired(DateTimeOffset at, DateTimeOffset updated) => at - updated > largest * 2;
}
