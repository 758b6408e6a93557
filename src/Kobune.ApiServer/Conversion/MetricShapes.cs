using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Conversion;

/// <summary>
/// Metrics of autoscaling/v2 in the flat form of v1, which upstream keeps in annotations: {"pods":{"metricName","targetAverageValue"}} for
/// {"pods":{"metric":{"name"},"target":{"averageValue"}}}. Specs and statuses differ in one word: target and current.
/// </summary>
internal sealed class MetricShapes
{
    public static readonly MetricShapes Spec = new("target");
    public static readonly MetricShapes Status = new("current");

    /// <summary>Per source: names in v1 of value, averageValue and averageUtilization; empty when v1 has none.</summary>
    private static readonly (string Source, bool HasMetric, string Selector, string Value, string AverageValue, string AverageUtilization)[] Sources =
    [
        ("resource", false, "", "", "{0}AverageValue", "{0}AverageUtilization"),
        ("containerResource", false, "", "", "{0}AverageValue", "{0}AverageUtilization"),
        ("pods", true, "selector", "", "{0}AverageValue", ""),
        ("object", true, "selector", "{0}Value", "averageValue", ""),
        ("external", true, "metricSelector", "{0}Value", "{0}AverageValue", ""),
    ];

    private readonly string _word;

    private MetricShapes(string word)
    {
        _word = word;
    }

    /// <summary>Per source: the names of v1 in the order of its Go type, in which annotations are written.</summary>
    private static readonly string[][] Orders =
    [
        ["name", "{0}AverageUtilization", "{0}AverageValue"],
        ["name", "{0}AverageUtilization", "{0}AverageValue", "container"],
        ["metricName", "{0}AverageValue", "selector"],
        ["target", "metricName", "{0}Value", "selector", "averageValue"],
        ["metricName", "metricSelector", "{0}Value", "{0}AverageValue"],
    ];

    /// <summary>Per source: what v1 always has, of a spec and of a status.</summary>
    private static readonly (string Spec, string Status)[] Musts = [("", "{0}AverageValue"), ("", "{0}AverageValue"), ("{0}AverageValue", "{0}AverageValue"), ("{0}Value", "{0}Value"), ("", "{0}Value")];

    /// <summary>Metrics of v2 in the form of v1.</summary>
    public JsonArray Flatten(IEnumerable<JsonObject> metrics) => Convert(metrics, Flatten);

    /// <summary>Metrics of v1 in the form of v2.</summary>
    public JsonArray Unfold(IEnumerable<JsonObject> metrics) => Convert(metrics, Unfold);

    private static JsonArray Convert(IEnumerable<JsonObject> metrics, Action<JsonObject, JsonObject, int> source)
    {
        var list = new JsonArray();
        foreach (var metric in metrics)
        {
            var converted = new JsonObject { ["type"] = metric["type"]?.DeepClone() };
            for (var i = 0; i < Sources.Length; i++)
            {
                if (metric[Sources[i].Source] is JsonObject from)
                {
                    var to = new JsonObject();
                    source(from, to, i);
                    converted[Sources[i].Source] = to;
                }
            }

            list.Add((JsonNode)converted);
        }

        return list;
    }

    private void Flatten(JsonObject from, JsonObject to, int index)
    {
        var all = new JsonObject();
        Collect(from, all, index);
        if (Name(this == Spec ? Musts[index].Spec : Musts[index].Status) is { Length: > 0 } must && !all.ContainsKey(must))
        {
            all[must] = "0"; // no pointer in Go
        }

        foreach (var name in Orders[index])
        {
            Copy(all, Name(name), to, Name(name));
        }
    }

    private void Collect(JsonObject from, JsonObject to, int index)
    {
        var (_, hasMetric, selector, value, averageValue, averageUtilization) = Sources[index];
        Copy(from, "name", to, "name");
        Copy(from, "container", to, "container");
        Copy(from, "describedObject", to, "target");
        if (hasMetric && from["metric"] is JsonObject metric)
        {
            Copy(metric, "name", to, "metricName");
            Copy(metric, "selector", to, selector);
        }

        if (from[_word] is JsonObject amount)
        {
            Copy(amount, "value", to, Name(value));
            Copy(amount, "averageValue", to, Name(averageValue));
            Copy(amount, "averageUtilization", to, Name(averageUtilization));
        }
    }

    private void Unfold(JsonObject from, JsonObject to, int index)
    {
        var (source, hasMetric, selector, value, averageValue, averageUtilization) = Sources[index];
        Copy(from, "name", to, "name");
        Copy(from, "container", to, "container");
        if (source == "object")
        {
            Copy(from, "target", to, "describedObject");
        }

        if (hasMetric)
        {
            var metric = new JsonObject();
            Copy(from, "metricName", metric, "name");
            Copy(from, selector, metric, "selector");
            to["metric"] = metric;
        }

        var amount = new JsonObject();
        Copy(from, Name(averageUtilization), amount, "averageUtilization");
        Copy(from, Name(averageValue), amount, "averageValue");
        if (source != "object" || amount.Count == 0 || from[Name(value)] is not JsonValue known || known.ToString() != "0")
        {
            Copy(from, Name(value), amount, "value"); // the flat form of an object's metric has a value even when the average counts
        }

        if (_word == "target")
        {
            amount["type"] = amount.ContainsKey("averageUtilization") ? "Utilization" : amount.ContainsKey("averageValue") ? "AverageValue" : "Value";
        }

        to[_word] = amount;
    }

    private string Name(string pattern) => pattern.Replace("{0}", _word, StringComparison.Ordinal);

    private static void Copy(JsonObject from, string name, JsonObject to, string newName)
    {
        if (name.Length > 0 && newName.Length > 0 && from[name] is { } value)
        {
            to[newName] = value.DeepClone();
        }
    }
}
