namespace Kobune.ApiServer.Metrics;

/// <summary>A Prometheus histogram with upstream's buckets for request durations, in seconds.</summary>
internal sealed class Histogram
{
    /// <summary>Upper bounds of apiserver_request_duration_seconds upstream.</summary>
    public static readonly double[] Bounds =
        [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

    private readonly long[] _counts = new long[Bounds.Length + 1];
    private long _ticks;

    public void Observe(TimeSpan elapsed)
    {
        var at = Array.BinarySearch(Bounds, elapsed.TotalSeconds);
        Interlocked.Increment(ref _counts[at >= 0 ? at : ~at]);
        Interlocked.Add(ref _ticks, elapsed.Ticks);
    }

    /// <summary>Cumulative counts per bound, the last for +Inf.</summary>
    public long[] Cumulative()
    {
        var result = new long[_counts.Length];
        long sum = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            result[i] = sum += Interlocked.Read(ref _counts[i]);
        }

        return result;
    }

    public double SumSeconds => TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds;
}
