namespace Kobune.Api.Metrics;

/// <summary>A Prometheus histogram. Safe for concurrent observers.</summary>
/// <param name="bounds">Upper bounds, ascending.</param>
public sealed class Histogram(double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    /// <summary>The sum of all values.</summary>
    public double Sum => Volatile.Read(ref _sum);

    /// <summary>Counts one value.</summary>
    public void Observe(double value)
    {
        var at = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref _counts[at >= 0 ? at : ~at]);
        double before;
        do
        {
            before = Volatile.Read(ref _sum);
        }
        while (Interlocked.CompareExchange(ref _sum, before + value, before) != before);
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
}
