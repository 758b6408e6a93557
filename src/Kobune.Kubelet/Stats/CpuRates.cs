using System.Collections.Concurrent;

namespace Kobune.Kubelet.Stats;

/// <summary>CPU use per second from counters that are read now and then: over at least 10 s where there are two readings, since the start where there is one.</summary>
internal sealed class CpuRates
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);

    /// <summary>Nanocores (nanoseconds a second) of this counter.</summary>
    /// <param name="key">Whose counter.</param>
    /// <param name="nanoseconds">CPU time so far.</param>
    /// <param name="start">When it was 0.</param>
    /// <param name="now">When it was read.</param>
    public ulong NanoCores(string key, ulong nanoseconds, DateTimeOffset start, DateTimeOffset now)
    {
        var reading = _readings.AddOrUpdate(key, _ => First(nanoseconds, start, now), (_, known) => Next(known, nanoseconds, start, now));
        return reading.Rate;
    }

    /// <summary>Forgets what was not read for long.</summary>
    public void Trim(DateTimeOffset now)
    {
        foreach (var (key, reading) in _readings)
        {
            if (now - reading.Time > Forgotten)
            {
                _readings.TryRemove(key, out _);
            }
        }
    }

    private static Reading First(ulong nanoseconds, DateTimeOffset start, DateTimeOffset now) => new(now, nanoseconds, Rate(nanoseconds, now - start));

    private static Reading Next(Reading known, ulong nanoseconds, DateTimeOffset start, DateTimeOffset now) =>
        nanoseconds < known.Nanoseconds ? First(nanoseconds, start, now) // another run of the container
        : now - known.Time < Window ? known
        : new(now, nanoseconds, Rate(nanoseconds - known.Nanoseconds, now - known.Time));

    private static ulong Rate(ulong nanoseconds, TimeSpan time) => time <= TimeSpan.Zero ? 0 : (ulong)(nanoseconds / time.TotalSeconds);

    private sealed record Reading(DateTimeOffset Time, ulong Nanoseconds, ulong Rate);
}
