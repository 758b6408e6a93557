using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Policy;

/// <summary>Horizontal pod autoscalers, in the form of v2.</summary>
internal sealed class HorizontalPodAutoscalerStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("autoscaling", "horizontalpodautoscalers");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        spec.Default("minReplicas", 1);
        if (obj.Text("apiVersion") != "autoscaling/v1" && spec.Array("metrics") is null or { Count: 0 } && !spec.Has("targetCPUUtilizationPercentage"))
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 } },
            });
        }

        if (spec.Child("behavior") is { } behavior)
        {
            Rules(behavior.Need("scaleUp"), 0, ("Pods", 4), ("Percent", 100));
            Rules(behavior.Need("scaleDown"), null, ("Percent", 100));
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<HorizontalPodAutoscaler>().Spec;
        var least = errors.Features.IsEnabled("HPAScaleToZero") ? 0 : 1;
        if (spec.MinReplicas < least)
        {
            errors.Invalid("spec.minReplicas", spec.MinReplicas, $"must be greater than or equal to {least}");
        }

        if (spec.MaxReplicas < 1)
        {
            errors.Invalid("spec.maxReplicas", spec.MaxReplicas, "must be greater than 0");
        }

        if (spec.MinReplicas > spec.MaxReplicas)
        {
            errors.Invalid("spec.maxReplicas", spec.MaxReplicas, "must be greater than or equal to `minReplicas`");
        }

        errors.RequiredName("spec.scaleTargetRef.kind", spec.ScaleTargetRef.Kind, NameValidation.PathSegmentName);
        errors.RequiredName("spec.scaleTargetRef.name", spec.ScaleTargetRef.Name, NameValidation.PathSegmentName);
        for (var i = 0; i < spec.Metrics.Count; i++)
        {
            Metric(spec.Metrics[i], $"spec.metrics[{i}]", errors);
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource != "status")
        {
            Validate(obj, errors);
        }
    }

    private static void Rules(JsonObject rules, long? window, params ReadOnlySpan<(string Type, long Value)> policies)
    {
        if (window is { } seconds)
        {
            rules.Default("stabilizationWindowSeconds", seconds);
        }

        rules.Default("selectPolicy", "Max");
        if (rules.Has("policies"))
        {
            return;
        }

        var list = rules.NeedArray("policies");
        foreach (var (type, value) in policies)
        {
            list.Add((JsonNode)new JsonObject { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15 });
        }
    }

    private static void Metric(MetricSpec metric, string path, FieldErrors errors)
    {
        errors.OneOf(path + ".type", metric.Type, "ContainerResource", "External", "Object", "Pods", "Resource");
        var (name, isSet) = metric.Type switch
        {
            "Object" => ("object", metric.Object is not null),
            "Pods" => ("pods", metric.Pods is not null),
            "Resource" => ("resource", metric.Resource is not null),
            "ContainerResource" => ("containerResource", metric.ContainerResource is not null),
            "External" => ("external", metric.External is not null),
            _ => ("", true),
        };
        if (!isSet)
        {
            errors.Required($"{path}.{name}", "must populate information for the given metric source");
        }
    }
}
