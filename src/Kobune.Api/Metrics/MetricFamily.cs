using System.Globalization;
using System.Text;

namespace Kobune.Api.Metrics;

/// <summary>Metrics of one name, told apart by label values; written in Prometheus' text form, one family after the other.</summary>
/// <param name="name">"workqueue_depth".</param>
/// <param name="type">counter, gauge or histogram.</param>
/// <param name="help">For people; begins with the stability, "[ALPHA]".</param>
/// <param name="labels">Names of the labels.</param>
public abstract class MetricFamily(string name, string type, string help, string[] labels)
{
    /// <summary>The name of the family.</summary>
    public string Name => name;

    /// <summary>HELP, TYPE and all samples.</summary>
    public void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        WriteSamples(text);
    }

    /// <summary>Writes all samples.</summary>
    protected abstract void WriteSamples(StringBuilder text);

    /// <summary>Writes one sample; <paramref name="bound"/> is that of a histogram's bucket.</summary>
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
