using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Kobune.Api.Metrics;

/// <summary>Histograms with the same bounds.</summary>
/// <inheritdoc cref="MetricFamily(string, string, string, string[])"/>
public sealed class HistogramFamily(string name, string help, double[] bounds, params string[] labels) : MetricFamily(name, "histogram", help, labels)
{
    private readonly ConcurrentDictionary<LabelValues, Histogram> _values = new();

    /// <summary>Observes one value.</summary>
    public void Observe(LabelValues labels, double value) => Cell(labels).Observe(value);

    /// <summary>Where values are counted, for those who observe often.</summary>
    public Histogram Cell(LabelValues labels) => _values.GetOrAdd(labels, static (_, bounds) => new Histogram(bounds), bounds);

    /// <summary>How often each was observed.</summary>
    public IEnumerable<(LabelValues Labels, double Count)> Counts() => _values.Select(v => (v.Key, (double)v.Value.Cumulative()[^1]));

    /// <inheritdoc/>
    protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (labels, histogram) in _values)
        {
            var counts = histogram.Cumulative();
            for (var i = 0; i < bounds.Length; i++)
            {
                Sample(text, "_bucket", labels, bounds[i].ToString(CultureInfo.InvariantCulture), counts[i]);
            }

            Sample(text, "_bucket", labels, "+Inf", counts[^1]);
            Sample(text, "_sum", labels, null, histogram.Sum);
            Sample(text, "_count", labels, null, counts[^1]);
        }
    }

    /// <summary>Bounds that grow by a factor: upstream's exponential buckets.</summary>
    public static double[] Exponential(double first, double factor, int count) => [.. Enumerable.Range(0, count).Select(i => first * Math.Pow(factor, i))];
}
