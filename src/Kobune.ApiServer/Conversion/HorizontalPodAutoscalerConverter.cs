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

    public void ToStorage(JsonObject obj)
    {
        if (obj["spec"] is JsonObject spec)
        {
            var metrics = Take(obj, Metrics) as JsonArray ?? [];
            if (spec.Remove("targetCPUUtilizationPercentage", out var target) && target is not null)
            {
                metrics.Insert(0, Cpu("target", new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = target.DeepClone() }));
            }

            if (metrics.Count > 0)
            {
                spec["metrics"] = metrics;
            }

            if (Take(obj, Behavior) is { } behavior)
            {
                spec["behavior"] = behavior;
            }
        }

        if (obj["status"] is JsonObject status)
        {
            var metrics = Take(obj, CurrentMetrics) as JsonArray ?? [];
            if (status.Remove("currentCPUUtilizationPercentage", out var current) && current is not null)
            {
                metrics.Insert(0, Cpu("current", new JsonObject { ["averageUtilization"] = current.DeepClone() }));
            }

            if (metrics.Count > 0)
            {
                status["currentMetrics"] = metrics;
            }

            if (Take(obj, Conditions) is { } conditions)
            {
                status["conditions"] = conditions;
            }
        }
    }

    public void FromStorage(JsonObject obj)
    {
        if (obj["spec"] is JsonObject spec)
        {
            if (spec.Remove("metrics", out var metrics) && metrics is JsonArray list)
            {
                TakeCpu(list, "target", "averageUtilization", value => spec["targetCPUUtilizationPercentage"] = value);
                Put(obj, Metrics, list.Count > 0 ? list : null);
            }

            spec.Remove("behavior", out var behavior);
            Put(obj, Behavior, behavior);
        }

        if (obj["status"] is JsonObject status)
        {
            if (status.Remove("currentMetrics", out var metrics) && metrics is JsonArray list)
            {
                TakeCpu(list, "current", "averageUtilization", value => status["currentCPUUtilizationPercentage"] = value);
                Put(obj, CurrentMetrics, list.Count > 0 ? list : null);
            }

            status.Remove("conditions", out var conditions);
            Put(obj, Conditions, conditions);
        }
    }

    private static JsonObject Cpu(string field, JsonObject value) =>
        new() { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", [field] = value } };

    private static void TakeCpu(JsonArray metrics, string field, string name, Action<JsonNode> found)
    {
        foreach (var metric in metrics.OfType<JsonObject>())
        {
            if (metric.TextAt("type") == "Resource" && (metric["resource"] as JsonObject).TextAt("name") == "cpu" && metric["resource"]?[field]?[name] is { } value)
            {
                found(value.DeepClone());
                metrics.Remove(metric);
                return;
            }
        }
    }

    private static JsonNode? Take(JsonObject obj, string annotation)
    {
        if (obj["metadata"]?["annotations"] is not JsonObject annotations || !annotations.Remove(annotation, out var text) || text is null)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text.GetValue<string>());
        }
        catch (System.Text.Json.JsonException)
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
