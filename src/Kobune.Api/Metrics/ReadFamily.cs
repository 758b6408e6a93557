using System.Text;

namespace Kobune.Api.Metrics;

/// <summary>Values that are read when somebody asks.</summary>
/// <inheritdoc cref="MetricFamily(string, string, string, string[])"/>
public sealed class ReadFamily(string name, string type, string help, Func<IEnumerable<(LabelValues Labels, double Value)>> read, params string[] labels) : MetricFamily(name, type, help, labels)
{
    /// <inheritdoc/>
    protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (labels, value) in read())
        {
            Sample(text, "", labels, null, value);
        }
    }
}
