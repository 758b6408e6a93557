using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;

namespace Kobune.Addons.Metrics;

/// <summary>The objects of metrics.k8s.io/v1beta1 as JSON (k8s.io/metrics, pkg/apis/metrics/v1beta1), and their tables. Pure.</summary>
internal static class MetricsDocuments
{
    public const string Group = "metrics.k8s.io";
    public const string Version = "v1beta1";
    public const string ApiVersion = $"{Group}/{Version}";

    /// <summary>Null while nothing is known of the node.</summary>
    public static JsonObject? Node(Node node, MetricStore store, DateTimeOffset now) => store.Node(node.Metadata.Name) is not { } usage ? null : new()
    {
        ["kind"] = "NodeMetrics",
        ["apiVersion"] = ApiVersion,
        ["metadata"] = Metadata(node.Metadata, now),
        ["timestamp"] = Time(usage.Time),
        ["window"] = Window(usage.Window),
        ["usage"] = Resources(usage.NanoCores, usage.MemoryBytes),
    };

    /// <summary>Null for a pod that does not run, or of which nothing is known yet.</summary>
    public static JsonObject? Pod(Pod pod, MetricStore store, DateTimeOffset now)
    {
        if (pod.Status.Phase != "Running" || store.Pod(pod.Metadata.Namespace, pod.Metadata.Name) is not { Count: > 0 } containers)
        {
            return null;
        }

        var earliest = containers.MinBy(c => c.Usage.Time).Usage;
        return new()
        {
            ["kind"] = "PodMetrics",
            ["apiVersion"] = ApiVersion,
            ["metadata"] = Metadata(pod.Metadata, now),
            ["timestamp"] = Time(earliest.Time),
            ["window"] = Window(earliest.Window),
            ["containers"] = new JsonArray([.. containers.Select(c => (JsonNode)new JsonObject { ["name"] = c.Container, ["usage"] = Resources(c.Usage.NanoCores, c.Usage.MemoryBytes) })]),
        };
    }

    /// <summary>A list, whose items have no kind of their own.</summary>
    public static JsonObject List(string kind, IEnumerable<JsonObject> items) => new()
    {
        ["kind"] = kind + "List",
        ["apiVersion"] = ApiVersion,
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. items.Select(Bare)]),
    };

    /// <summary>metrics-server's table: the name, each resource summed over the containers, the window. No items, no columns, as there.</summary>
    /// <param name="items">NodeMetrics or PodMetrics.</param>
    /// <param name="apiVersion">"meta.k8s.io/v1" or "meta.k8s.io/v1beta1".</param>
    /// <param name="include">None, Metadata or Object.</param>
    public static JsonObject Table(IReadOnlyList<JsonObject> items, string apiVersion, string include)
    {
        var rows = new JsonArray();
        foreach (var item in items)
        {
            rows.Add((JsonNode)new JsonObject { ["cells"] = new JsonArray((string)item["metadata"]!["name"]!, Sum(item, "cpu"), Sum(item, "memory"), (string)item["window"]!), ["object"] = Included(item, apiVersion, include) });
        }

        return new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = apiVersion,
            ["metadata"] = new JsonObject(),
            ["columnDefinitions"] = items.Count == 0
                ? new JsonArray()
                : new JsonArray(Column("Name", "name", "Name of the resource"), Column("cpu", "quantity", ""), Column("memory", "quantity", ""), Column("Window", "duration", "")),
            ["rows"] = rows,
        };
    }

    private static JsonObject? Included(JsonObject item, string apiVersion, string include) => include switch
    {
        "None" => null,
        "Object" => (JsonObject)item.DeepClone(),
        _ => new() { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = apiVersion, ["metadata"] = item["metadata"]!.DeepClone() },
    };

    private static string Sum(JsonObject item, string resource)
    {
        var all = item["containers"] is JsonArray containers ? containers.Select(c => c!["usage"]!) : [item["usage"]!];
        return all.Select(u => Quantity.Parse((string)u[resource]!)).Aggregate((a, b) => a + b).ToString();
    }

    private static JsonObject Column(string name, string format, string description) =>
        new() { ["name"] = name, ["type"] = "string", ["format"] = format, ["description"] = description, ["priority"] = 0 };

    private static JsonObject Bare(JsonObject item)
    {
        var copy = (JsonObject)item.DeepClone();
        copy.Remove("kind");
        copy.Remove("apiVersion");
        return copy;
    }

    private static JsonObject Metadata(ObjectMeta of, DateTimeOffset now)
    {
        var metadata = new JsonObject { ["name"] = of.Name };
        if (of.Namespace.Length > 0)
        {
            metadata["namespace"] = of.Namespace;
        }

        metadata["creationTimestamp"] = Time(now);
        if (of.Labels.Count > 0)
        {
            metadata["labels"] = new JsonObject(of.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value)));
        }

        return metadata;
    }

    private static JsonObject Resources(long nanoCores, long bytes) =>
        new() { ["cpu"] = Quantity.Parse(nanoCores.ToString(CultureInfo.InvariantCulture) + "n").ToString(), ["memory"] = new Quantity(bytes, QuantityFormat.BinarySI).ToString() };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Window(TimeSpan window) => GoDuration.Format((long)(window.TotalMilliseconds * 1e6));
}
