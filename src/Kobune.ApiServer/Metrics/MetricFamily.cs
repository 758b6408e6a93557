using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Kobune.ApiServer.Metrics;

/// <summary>Metrics of one name, told apart by label values; written in Prometheus' text form, one family after the other.</summary>
internal abstract class MetricFamily(string name, string type, string help, string[] labels)
{
    protected string Name => name;

    /// <summary>HELP, TYPE and all samples.</summary>
    public void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        WriteSamples(text);
    }

    protected abstract void WriteSamples(StringBuilder text);

    protected void Sample(StringBuilder text, string suffix, LabelValues values, string? bound, double value)
    {
        text.Append(name).Append(suffix);
        var open = '{';
        for (var i = 0; i < labels.Length; i++)
        {
            Label(text, ref open, labels[i], values[i]);
        }

        if (bound is not null)
        {
            Label(text, ref open, "le", bound);
        }

        text.Append(open == '{' ? " " : "} ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static void Label(StringBuilder text, ref char open, string label, string value)
    {
        text.Append(open).Append(label).Append("=\"");
        open = ',';
        text.Append(value.AsSpan().IndexOfAny('\\', '"', '\n') < 0
            ? value
            : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
        text.Append('"');
    }
}

/// <summary>The values of a family's labels, in the family's order; equal when all are.</summary>
internal readonly struct LabelValues(params string[] values) : IEquatable<LabelValues>
{
    private readonly string[] _values = values;

    public string this[int index] => _values[index];

    public bool Equals(LabelValues other) => _values.AsSpan().SequenceEqual(other._values.AsSpan());

    public override bool Equals(object? obj) => obj is LabelValues other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in _values.AsSpan()) // null where there are no labels
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}

/// <summary>Counters or gauges of whole numbers.</summary>
internal sealed class NumberFamily(string name, string type, string help, params string[] labels) : MetricFamily(name, type, help, labels)
{
    private readonly ConcurrentDictionary<LabelValues, long[]> _values = new();

    public void Add(LabelValues labels, long change = 1) => Interlocked.Add(ref Cell(labels)[0], change);

    /// <summary>The sum of those whose labels are meant.</summary>
    public long Sum(Func<LabelValues, bool> isMeant) => _values.Where(v => isMeant(v.Key)).Sum(v => Interlocked.Read(ref v.Value[0]));

    /// <summary>Where a number is kept, for those who count often.</summary>
    public long[] Cell(LabelValues labels) => _values.GetOrAdd(labels, static _ => new long[1]);

    protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (labels, value) in _values)
        {
            Sample(text, "", labels, null, Interlocked.Read(ref value[0]));
        }
    }
}

/// <summary>Histograms with the same bounds.</summary>
internal sealed class HistogramFamily(string name, string help, double[] bounds, params string[] labels) : MetricFamily(name, "histogram", help, labels)
{
    private readonly ConcurrentDictionary<LabelValues, Histogram> _values = new();

    public void Observe(LabelValues labels, double value) => Cell(labels).Observe(value);

    /// <summary>Where values are counted, for those who observe often.</summary>
    public Histogram Cell(LabelValues labels) => _values.GetOrAdd(labels, static (_, bounds) => new Histogram(bounds), bounds);

    /// <summary>How often each was observed.</summary>
    public IEnumerable<(LabelValues Labels, double Count)> Counts() => _values.Select(v => (v.Key, (double)v.Value.Cumulative()[^1]));

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
}

/// <summary>Values that are read when somebody asks.</summary>
internal sealed class ReadFamily(string name, string type, string help, Func<IEnumerable<(LabelValues Labels, double Value)>> read, params string[] labels) : MetricFamily(name, type, help, labels)
{
    protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (labels, value) in read())
        {
            Sample(text, "", labels, null, value);
        }
    }
}
