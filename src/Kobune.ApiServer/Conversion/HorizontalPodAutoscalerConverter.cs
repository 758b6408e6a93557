using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Conversion;

/// <summary>autoscaling/v1 and v2: v1 has one CPU target; what it cannot say travels in annotations, as upstream does (pkg/apis/autoscaling/v1/conversion.go).</summary>
internal sealed class HorizontalPodAutoscalerConverter : IKindConverter
{
    private const string Metrics = "autoscaling.alpha.kubernetes.io/metrics";
    private const string CurrentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics";
    private const string Conditions = "autoscaling.alpha.kubernetes.io/conditions";
    private const string Behavior = "autoscaling.alpha.kubernetes.io/behavior";

    public (string Group, string Plural) Storage => ("autoscaling", "horizontalpodautoscalers");

    public void ToStorage(JsonObject obj, string version)
    {
        var metrics = Take(obj, Metrics) as JsonArray;
        var behavior = Take(obj, Behavior) as JsonObject;
        var currentMetrics = Take(obj, CurrentMetrics) as JsonArray;
        var conditions = Take(obj, Conditions) as JsonArray;
        if (obj["spec"] is JsonObject spec)
        {
            var all = new JsonArray();
            if (spec.Remove("targetCPUUtilizationPercentage", out var target) && target is not null)
            {
                all.Add((JsonNode)Cpu("target", new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = target.DeepClone() }));
            }

            foreach (var metric in MetricShapes.Spec.Unfold(Objects(metrics)))
            {
                all.Add(metric!.DeepClone());
            }

            Set(spec, "metrics", all.Count > 0 ? all : null);
            Set(spec, "behavior", behavior is null ? null : Recase(behavior, char.ToLowerInvariant));
        }

        if (obj["status"] is JsonObject status)
        {
            status.Remove("currentCPUUtilizationPercentage", out var current);
            Set(status, "currentMetrics", currentMetrics is not null
                ? MetricShapes.Status.Unfold(Objects(currentMetrics)) // they say all that the one number says, and more
                : current is null ? null : new JsonArray(Cpu("current", new JsonObject { ["averageUtilization"] = current.DeepClone() })));
            Set(status, "conditions", conditions);
        }
    }

    public void FromStorage(JsonObject obj, string version)
    {
        if (obj["spec"] is JsonObject spec)
        {
            spec.Remove("metrics", out var metrics);
            var others = new List<JsonObject>();
            foreach (var metric in Objects(metrics))
            {
                if (CpuUtilization(metric, "target") is not { } target)
                {
                    others.Add(metric);
                }
                else if (!spec.ContainsKey("targetCPUUtilizationPercentage"))
                {
                    spec["targetCPUUtilizationPercentage"] = target.DeepClone();
                }
            }

            Put(obj, Metrics, others.Count > 0 ? MetricShapes.Spec.Flatten(others) : null);
            spec.Remove("behavior", out var behavior);
            Put(obj, Behavior, behavior is null ? null : Recase(behavior, char.ToUpperInvariant));
        }

        if (obj["status"] is JsonObject status)
        {
            status.Remove("currentMetrics", out var metrics);
            var all = Objects(metrics).ToList();
            if (all.Select(m => CpuUtilization(m, "current")).LastOrDefault(v => v is not null) is { } current)
            {
                status["currentCPUUtilizationPercentage"] = current.DeepClone();
            }

            Put(obj, CurrentMetrics, all.Count > 0 ? MetricShapes.Status.Flatten(all) : null);
            status.Remove("conditions", out var conditions);
            Put(obj, Conditions, conditions is JsonArray { Count: > 0 } ? conditions : null);
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static JsonObject Cpu(string field, JsonObject value) =>
        new() { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", [field] = value } };

    private static JsonNode? CpuUtilization(JsonObject metric, string field) =>
        metric.TextAt("type") == "Resource" && metric["resource"] is JsonObject resource && resource.TextAt("name") == "cpu" && resource[field] is JsonObject amount
            ? amount["averageUtilization"]
            : null;

    /// <summary>Upstream writes the behavior with Go's field names, "ScaleUp", and reads it whatever the case.</summary>
    private static JsonNode? Recase(JsonNode? node, Func<char, char> first) => node switch
    {
        JsonObject obj => new JsonObject(obj.Select(p => KeyValuePair.Create(first(p.Key[0]) + p.Key[1..], Recase(p.Value, first)))),
        JsonArray list => new JsonArray([.. list.Select(i => Recase(i, first))]),
        _ => node?.DeepClone(),
    };

    private static void Set(JsonObject obj, string name, JsonNode? value)
    {
        if (value is not null)
        {
            obj[name] = value;
        }
    }

    /// <summary>Takes an annotation away; null when it is absent or no JSON.</summary>
    private static JsonNode? Take(JsonObject obj, string annotation)
    {
        if ((obj["metadata"] as JsonObject)?["annotations"] is not JsonObject annotations || !annotations.Remove(annotation, out var text) || text is not JsonValue value || !value.TryGetValue<string>(out var json))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Put(JsonObject obj, string annotation, JsonNode? value)
    {
        if (value is null)
        {
            return;
        }

        if (obj.Meta()["annotations"] is not JsonObject annotations)
        {
            obj.Meta()["annotations"] = annotations = [];
        }

        annotations[annotation] = System.Text.Encoding.UTF8.GetString(FieldJson.Write(value));
    }
}
