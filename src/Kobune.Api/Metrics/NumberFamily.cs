using System.Collections.Concurrent;
using System.Text;

namespace Kobune.Api.Metrics;

/// <summary>Counters or gauges of whole numbers.</summary>
/// <inheritdoc cref="MetricFamily(string, string, string, string[])"/>
public sealed class NumberFamily(string name, string type, string help, params string[] labels) : MetricFamily(name, type, help, labels)
{
    private readonly ConcurrentDictionary<LabelValues, long[]> _values = new();

    /// <summary>Counts.</summary>
    public void Add(LabelValues labels, long change = 1) => Interlocked.Add(ref Cell(labels)[0], change);

    /// <summary>The sum of those whose labels are meant.</summary>
    public long Sum(Func<LabelValues, bool> isMeant) => _values.Where(v => isMeant(v.Key)).Sum(v => Interlocked.Read(ref v.Value[0]));

    /// <summary>Where a number is kept, for those who count often.</summary>
    public long[] Cell(LabelValues labels) => _values.GetOrAdd(labels, static _ => new long[1]);

    /// <inheritdoc/>
    protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (labels, value) in _values)
        {
            Sample(text, "", labels, null, Interlocked.Read(ref value[0]));
        }
    }
}
